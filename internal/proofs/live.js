// Reads the page anew when what it shows has changed.
(() => {
	'use strict';
	const told = document.getElementById('live');
	const changes = new EventSource('changes?seen=' + encodeURIComponent(document.body.dataset.version));
	const say = how => { told.textContent = told.dataset[how]; told.className = 'live ' + how; };
	changes.onopen = () => say('on');
	changes.onerror = () => say('off');
	changes.onmessage = () => { changes.close(); location.reload(); };
})();
