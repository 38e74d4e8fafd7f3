// Lists a person's studies from the FHIR API, by the session of the browser.
const list = document.getElementById('studies');
const state = document.getElementById('state');
const more = document.getElementById('more');
const hasViewer = document.querySelector('main').dataset.viewer === 'true';
const organisations = new Map();

const MODALITIES = {
  CT: 'CT scan', MR: 'MRI scan', DX: 'X-ray', CR: 'X-ray', US: 'Ultrasound', MG: 'Mammogram',
  NM: 'Nuclear medicine', PT: 'PET scan', XA: 'Angiography', RF: 'Fluoroscopy',
};
const REPORTS = {
  final: 'Report ready', amended: 'Report ready, changed since', corrected: 'Report ready, corrected',
  appended: 'Report ready, added to', preliminary: 'Preliminary report', cancelled: 'Report withdrawn',
};

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

async function fetchJson(url) {
  const answer = await fetch(url, { headers: { Accept: 'application/fhir+json, application/json' } });
  if (answer.status === 401) {
    window.location.reload();
    return new Promise(() => {});
  }
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function organisation(reference) {
  if (!reference) return '';
  if (!organisations.has(reference)) {
    organisations.set(
      reference,
      fetchJson('/fhir/' + reference).then(o => o.name ?? '').catch(() => ''),
    );
  }
  return (await organisations.get(reference)) || reference.split('/').pop();
}

function studyUid(study) {
  const uid = study.identifier.find(i => i.system === 'urn:dicom:uid');
  return uid.value.replace('urn:oid:', '');
}

function day(text) {
  if (!text) return '';
  const [year, month, date] = text.slice(0, 10).split('-').map(Number);
  return new Date(year, month - 1, date).toLocaleDateString('en-GB', { dateStyle: 'long' });
}

function reportState(study, reports) {
  const reference = 'ImagingStudy/' + study.id;
  const of = reports.filter(r => (r.imagingStudy ?? []).some(s => s.reference === reference));
  if (of.length === 0) return 'No report yet';
  of.sort((a, b) => (b.issued ?? '').localeCompare(a.issued ?? ''));
  return REPORTS[of[0].status] ?? 'Report on its way';
}

function picture(uid) {
  const image = element('img', '', { src: `/dicomweb/studies/${uid}/thumbnail`, alt: '', loading: 'lazy' });
  image.addEventListener('error', () => {
    image.replaceWith(element('span', 'No picture', { class: 'none' }));
  });
  return image;
}

async function item(study, resources) {
  const uid = studyUid(study);
  const row = element('li', '', { 'data-study': uid });
  row.append(picture(uid));
  const about = element('div');
  const kinds = (study.modality ?? []).map(m => MODALITIES[m.code] ?? m.code).join(', ');
  about.append(element('h2', study.description ?? (kinds || 'Scan')));
  const facts = element('dl');
  const add = (name, text) => {
    if (text) facts.append(element('dt', name), element('dd', text));
  };
  add('Date', day(study.started));
  add('Kind', kinds);
  const assigner = study.identifier.map(i => i.assigner?.reference).find(Boolean);
  add('Hospital trust', await organisation(assigner));
  const order = (study.basedOn ?? [])
    .map(b => resources.get(b.reference))
    .find(Boolean);
  const asked = order?.code?.text ?? order?.code?.coding?.[0]?.display;
  add('Referral', order ? (asked ?? 'Linked') : 'None found');
  add('Report', reportState(study, [...resources.values()].filter(r => r.resourceType === 'DiagnosticReport')));
  about.append(facts);
  const actions = element('div', '', { class: 'actions' });
  if (hasViewer) {
    actions.append(element('a', 'Look at it', { class: 'open', href: `/viewer?StudyInstanceUIDs=${uid}` }));
  }
  actions.append(
    element('a', 'Download', { href: `/dicomweb/studies/${uid}?accept=application/zip&pictures=true&reports=true`, download: 'scan.zip' }),
  );
  about.append(actions);
  row.append(about);
  return row;
}

async function show(url) {
  more.hidden = true;
  try {
    const bundle = await fetchJson(url);
    const entries = (bundle.entry ?? []).map(e => e.resource);
    const resources = new Map(entries.map(r => [r.resourceType + '/' + r.id, r]));
    const studies = entries.filter(r => r.resourceType === 'ImagingStudy');
    for (const study of studies) list.append(await item(study, resources));
    state.textContent = list.children.length === 0 ? 'There are no scans to show.' : '';
    const next = (bundle.link ?? []).find(l => l.relation === 'next');
    if (next) {
      const address = new URL(next.url);
      more.hidden = false;
      more.onclick = () => show(address.pathname + address.search);
    }
  } catch (e) {
    state.textContent = 'Your scans cannot be shown at the moment. Please try again later.';
  }
}

// Whom this person may act for; most may for nobody.
async function people() {
  const choices = await fetchJson('/people');
  const select = document.getElementById('patient');
  for (const one of choices) {
    const option = element('option', one.name, { value: one.id });
    option.selected = one.chosen;
    select.append(option);
    if (one.chosen) document.getElementById('whose').textContent = 'Scans of ' + one.name;
  }
  document.getElementById('people').hidden = choices.length === 0;
}

// First, for a choice that is over is forgotten by it.
await people().catch(() => {});
show('/fhir/ImagingStudy?_sort=-started&_count=20&_include=ImagingStudy:basedon&_revinclude=DiagnosticReport:imaging-study');
