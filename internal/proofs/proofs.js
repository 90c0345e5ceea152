// Fills the frames as they come into view, filters the copies, and keeps what was
// chosen and opened when the page is read anew.
(() => {
	'use strict';
	const form = document.getElementById('filters');
	if (!form) return;
	const frame = document.getElementById('frame').content.firstElementChild;
	const near = new IntersectionObserver(seen => {
		for (const { target, isIntersecting } of seen) {
			if (!isIntersecting) continue;
			near.unobserve(target);
			const filled = frame.cloneNode();
			filled.title = target.dataset.title;
			filled.src = target.getAttribute('href');
			target.replaceWith(filled);
		}
	}, { rootMargin: '800px' });
	for (const still of document.querySelectorAll('a.still')) {
		still.tabIndex = -1; // its place is a frame's; the files stand below
		near.observe(still);
	}
	const told = document.getElementById('count');
	const copies = [...document.querySelectorAll('.copy')];
	const looks = [...document.querySelectorAll('[data-colours], [data-width]')];
	const kept = 'proofs ' + document.body.dataset.release;
	const load = () => { try { return JSON.parse(sessionStorage.getItem(kept)) || {}; } catch { return {}; } };
	const save = () => {
		const chosen = Object.fromEntries(new FormData(form));
		const open = [...document.querySelectorAll('details[open]')].map(d => d.id);
		try { sessionStorage.setItem(kept, JSON.stringify({ chosen, open })); } catch { /* then it is forgotten */ }
	};
	const fits = (e, names) => names.every(n => !form.elements[n].value || !e.dataset[n] || e.dataset[n] === form.elements[n].value);
	const apply = () => {
		for (const c of copies) c.hidden = !fits(c, ['edition', 'occasion', 'contact']);
		for (const l of looks) l.hidden = !fits(l, ['colours', 'width']);
		for (const group of document.querySelectorAll('.occasion, .edition')) group.hidden = !group.querySelector('.copy:not([hidden])');
		const shown = copies.filter(c => !c.hidden).length;
		told.textContent = shown === copies.length ? `All ${shown} copies` : `${shown} of ${copies.length} copies`;
	};
	const seek = () => {
		const to = document.getElementById(decodeURIComponent(location.hash.slice(1)));
		if (!to || !to.closest('[hidden]')) return;
		form.reset();
		apply();
		save();
		to.scrollIntoView();
	};
	const before = load();
	for (const [name, value] of Object.entries(before.chosen || {})) {
		const field = form.elements[name];
		if (field && [...field.options].some(o => o.value === value)) field.value = value;
	}
	for (const id of before.open || []) {
		const details = document.getElementById(id);
		if (details) details.open = true;
	}
	form.hidden = false;
	apply();
	seek();
	form.addEventListener('change', () => { apply(); save(); });
	form.addEventListener('reset', () => setTimeout(() => { apply(); save(); }));
	form.addEventListener('submit', e => e.preventDefault());
	document.addEventListener('toggle', save, true);
	addEventListener('hashchange', seek);
})();
