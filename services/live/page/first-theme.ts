// Runs before the first paint, as a plain script: a person who chose dark never sees a white flash. Everything else about preferences
// is in preferences.ts.
try {
  const kept = JSON.parse(localStorage.getItem('oura-streaming') ?? '{}');
  if (kept.theme === 'light' || kept.theme === 'dark') document.documentElement.dataset.theme = kept.theme;
} catch {
  // Without storage the system's choice holds.
}
