'use strict';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 1000;
const ROW = 34;
const MARKED = ['INTERRUPTION', 'CATEGORY', 'ALERT', 'KEY'];
const STRETCHES = ['NON_TALK', 'HOLD', 'RECORDING_PAUSE'];
let shown = null;

const time = millis => {
  const seconds = Math.round(millis / 1000);
  return Math.floor(seconds / 60) + ':' + String(seconds % 60).padStart(2, '0');
};

// Whatever was said is set as text and never as markup.
function cell(row, text, style) {
  const cell = row.insertCell();
  cell.textContent = text;
  if (style) cell.className = style;
  return cell;
}

function talk(call) {
  const all = (call.talk || []).reduce((sum, each) => sum + each.millis, 0);
  return (call.talk || [])
    .map(each => (each.who || each.role) + ' ' + (all ? Math.round(100 * each.millis / all) : 0) + ' %')
    .join(', ');
}

function sentiment(call) {
  if (call.sentiment === null || call.sentiment === undefined) return '';
  const trend = call.trend;
  return call.sentiment.toFixed(1) + (trend < 0 ? ' ↓' : trend > 0 ? ' ↑' : '');
}

function list(calls) {
  const body = document.createElement('tbody');
  body.id = 'calls';
  for (const call of calls) {
    const row = body.insertRow();
    if (call.ended) row.className = 'over';
    const button = document.createElement('button');
    button.textContent = call.id;
    button.addEventListener('click', () => { shown = call.id; ask(); });
    row.insertCell().append(button);
    cell(row, (call.alerts || []).join(', '), 'bad');
    cell(row, (call.categories || []).join(', '));
    cell(row, call.queue || '');
    cell(row, time(call.duration) + (call.ended ? ', over' : ''), 'n');
    cell(row, talk(call));
    cell(row, sentiment(call), call.sentiment < -1 ? 'n bad' : 'n');
    cell(row, time(call.silence || 0), 'n');
    cell(row, time(call.hold || 0) + (call.onHold ? ', now' : ''), 'n');
    cell(row, call.interruptions || 0, 'n');
    cell(row, call.lastText || '');
  }
  // The focus stays where it was.
  const focused = document.activeElement && document.activeElement.textContent;
  const inList = document.getElementById('calls').contains(document.activeElement);
  document.getElementById('calls').replaceWith(body);
  if (inList) {
    for (const each of body.querySelectorAll('button')) if (each.textContent === focused) each.focus();
  }
}

function rectangle(drawing, style, x, y, width, height, title) {
  const shape = document.createElementNS(SVG, 'rect');
  shape.setAttribute('class', style);
  for (const [name, value] of Object.entries({ x, y, width: Math.max(1, width), height })) shape.setAttribute(name, value);
  const words = document.createElementNS(SVG, 'title');
  words.textContent = title;
  shape.append(words);
  drawing.append(shape);
}

function whole(call) {
  document.getElementById('call').hidden = false;
  document.getElementById('name').textContent = call.id;
  document.getElementById('what').textContent =
    time(call.duration) + (call.ended ? ', over' : '') + '; ' + talk(call) + '; overtalk ' + time(call.overtalk || 0);
  const drawing = document.getElementById('drawing');
  drawing.replaceChildren();
  const end = Math.max(1000, call.duration, ...call.segments.map(each => each.end));
  const x = millis => millis * WIDTH / end;
  const rows = 1 + Math.max(1, ...call.segments.map(each => each.channel));
  drawing.setAttribute('viewBox', '0 0 ' + WIDTH + ' ' + (rows * ROW + 22));
  for (const event of call.events) {
    if (STRETCHES.includes(event.kind)) {
      const until = event.end === null ? end : event.end;
      rectangle(drawing, 'quiet', x(event.begin), 0, x(until - event.begin), rows * ROW, event.kind);
    }
  }
  for (const segment of call.segments) {
    const y = segment.channel * ROW + 6;
    const title = segment.role + ' ' + time(segment.begin) + ': ' + segment.text;
    rectangle(drawing, 'c' + segment.channel, x(segment.begin), y, x(segment.end - segment.begin), ROW - 12, title);
  }
  for (const event of call.events) {
    if (MARKED.includes(event.kind)) {
      rectangle(drawing, 'mark', x(event.begin), 0, 3, rows * ROW, event.kind + ' ' + event.name);
    }
  }
  for (let at = 0; at <= 4; at++) {
    const text = document.createElementNS(SVG, 'text');
    text.setAttribute('x', at * WIDTH / 4);
    text.setAttribute('y', rows * ROW + 16);
    text.setAttribute('text-anchor', at === 0 ? 'start' : at === 4 ? 'end' : 'middle');
    text.textContent = time(end * at / 4);
    drawing.append(text);
  }
  const lines = call.segments
    .map(each => ({ at: each.begin, who: each.role, what: each.text, style: each.last ? '' : 'partial' }))
    .concat(call.events.map(each => ({
      at: each.begin, who: each.role, style: 'event',
      what: [each.kind, each.name, each.detail].filter(text => text).join(' '),
    })))
    .sort((a, b) => a.at - b.at);
  const body = document.createElement('tbody');
  body.id = 'lines';
  for (const line of lines) {
    const row = body.insertRow();
    cell(row, time(line.at), 'n');
    cell(row, line.who);
    cell(row, line.what, line.style);
  }
  document.getElementById('lines').replaceWith(body);
}

async function ask() {
  const state = document.getElementById('state');
  try {
    const board = await (await fetch('calls')).json();
    const calls = board.calls;
    list(calls);
    const live = calls.filter(call => !call.ended).length;
    state.textContent = live + ' live, ' + (calls.length - live) + ' over' +
      (board.unreadable ? ', ' + board.unreadable + ' records of another release' : '');
    if (shown !== null) {
      const answer = await fetch('calls/' + encodeURIComponent(shown));
      if (answer.ok) whole(await answer.json());
    }
  } catch (error) {
    state.textContent = 'No answer from antiphon supervise: ' + error.message;
  }
}

ask();
setInterval(ask, 1000);
