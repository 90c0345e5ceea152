// Reads the page anew when what it shows has changed.
(() => {
	'use strict';
	const told = document.getElementById('live');
	const changes = new EventSource('changes?seen=' + encodeURIComponent(document.body.dataset.version));
	changes.onopen = () => { told.textContent = told.dataset.on; told.classList.remove('off'); };
	changes.onerror = () => { told.textContent = told.dataset.off; told.classList.add('off'); };
	changes.onmessage = () => { changes.close(); location.reload(); };
})();
