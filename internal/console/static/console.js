// What pages do beyond being read: they follow what happens, count down, and can
// be walked through by keys. Without any of this they are whole.
(() => {
	'use strict';
	const line = document.getElementById('line');
	const say = text => { if (line) { line.textContent = text; line.hidden = !text; } };
	const changed = () => document.body.dispatchEvent(new Event('board'));

	// One stream says that there is something new. A daemon that starts anew is
	// found again; where too many watch, the page looks by itself now and again.
	const follow = () => {
		const stream = new EventSource(document.body.dataset.live);
		let first = true;
		stream.addEventListener('board', () => { if (!first) changed(); first = false; });
		stream.onopen = () => say('');
		stream.onerror = () => {
			say('The console does not answer; it is tried again.');
			if (stream.readyState !== EventSource.CLOSED) return;
			say('Looked at every 15 seconds.');
			setTimeout(() => { changed(); follow(); }, 15000);
		};
	};
	if (document.body.dataset.live && window.EventSource) follow();

	const two = n => String(n).padStart(2, '0');
	const span = s => s < 60 ? s + ' s' : s < 3600 ? Math.floor(s / 60) + ' min ' + two(s % 60) + ' s' : s < 172800 ? Math.floor(s / 3600) + ' h ' + two(Math.floor(s / 60) % 60) + ' min' : Math.floor(s / 86400) + ' days';
	const skew = (() => { const c = document.querySelector('[data-clock]'); return c ? Date.parse(c.dateTime) - Date.now() : 0; })();
	const tick = () => {
		const now = Date.now() + skew;
		for (const t of document.querySelectorAll('[data-until]')) {
			const s = Math.round((Date.parse(t.dataset.until) - now) / 1000);
			t.textContent = s > 0 ? 'in ' + span(s) : span(-s) + ' ago';
		}
		for (const t of document.querySelectorAll('[data-clock]')) {
			const d = new Date(now);
			t.textContent = two(d.getUTCHours()) + ':' + two(d.getUTCMinutes()) + ':' + two(d.getUTCSeconds());
		}
	};
	setInterval(tick, 1000);
	tick();
	// Each instant tells the reader's own clock, too.
	const zones = () => {
		for (const t of document.querySelectorAll('time[datetime]:not([title])')) {
			const d = new Date(t.dateTime);
			if (!isNaN(d)) t.title = d.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
		}
	};
	zones();
	document.addEventListener('htmx:afterSettle', () => { tick(); zones(); });
	// A part that is asked for after the session has ended leads to where one signs in.
	document.addEventListener('htmx:responseError', e => { const to = e.detail.xhr.getResponseHeader('HX-Redirect'); if (to) location.href = to; });

	const keys = document.getElementById('keys');
	const rows = () => [...document.querySelectorAll('[data-row]')].filter(r => r.getClientRects().length);
	const places = { t: '/', c: '/calendar', r: '/releases', d: '/deliveries', b: '/bounces' };
	let going = false;
	document.addEventListener('keydown', e => {
		if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches('input, select, textarea') || (keys && keys.open)) return;
		if (going && places[e.key]) { location.href = places[e.key]; return; }
		going = e.key === 'g';
		if (e.key === '/') {
			const field = document.querySelector('input[type=search]');
			if (field) { e.preventDefault(); field.focus(); field.select(); }
		} else if (e.key === 'j' || e.key === 'k') {
			const all = rows(), at = all.indexOf(document.activeElement);
			const next = all[e.key === 'j' ? Math.min(at + 1, all.length - 1) : Math.max(at - 1, 0)];
			if (next) { e.preventDefault(); next.focus(); }
		} else if (e.key === '?' && keys) {
			keys.showModal();
		}
	});
})();
