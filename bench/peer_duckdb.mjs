// peer_duckdb.mjs load|hot|cold|answers --file DB --workload PREFIX [--sets N] [--seconds S]
//     [--cache-mib N] [--answers FILE] [--figure NAME]
//
// What DuckDB makes of the same data: the stays twice, sorted by zone and by person, so that
// its zone maps prune both ways. The statements know that no stay is longer than four hours.
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';

const minutes = 1440;
const roundsLeast = 3;
const roundsMost = 200;

// $1 zone or person, $2 the moment or the window's start, $3 its end.
const statements = {
  inside: `SELECT person FROM sz
    WHERE zone=$1 AND t_in<=$2 AND t_in>$2-14400000 AND t_out>$2`,
  path: `SELECT zone,t_in,t_out FROM sp
    WHERE person=$1 AND t_in<$3 AND t_in>$2-14400000 AND t_out>$2 ORDER BY t_in`,
  with: `SELECT b.person,
      sum(least(a.t_out,b.t_out,$3)-greatest(a.t_in,b.t_in,$2))::BIGINT s
    FROM (SELECT zone,t_in,t_out FROM sp
        WHERE person=$1 AND t_in<$3 AND t_in>$2-14400000 AND t_out>$2) a
      JOIN (SELECT person,zone,t_in,t_out FROM sz
        WHERE t_in<$3 AND t_in>$2-14400000 AND t_out>$2) b
      ON b.zone=a.zone AND b.t_in<a.t_out AND b.t_out>a.t_in
    WHERE b.person<>$1 GROUP BY 1 HAVING s>=300000`,
  curve: `SELECT m,sum(d)::BIGINT FROM (
      SELECT greatest(0,(t_in-$2+59999)//60000) m,1 d FROM sz
        WHERE zone=$1 AND t_in<$3 AND t_in>$2-14400000 AND t_out>$2
      UNION ALL
      SELECT least(1440,(t_out-$2+59999)//60000),-1 FROM sz
        WHERE zone=$1 AND t_in<$3 AND t_in>$2-14400000 AND t_out>$2) GROUP BY m`,
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    file: { type: 'string' },
    workload: { type: 'string' },
    sets: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '1' },
    'cache-mib': { type: 'string' },
    answers: { type: 'string' },
    figure: { type: 'string' },
  },
});
const command = positionals[0];
const figure = options.figure ?? command;
const mostNs = BigInt(Math.round(Number(options.seconds) * 1e9));

function result(name, value) {
  console.log(`${name}\tduckdb\t${value}`);
}

function parameterSets() {
  return readFileSync(`${options.workload}.params`, 'utf8')
    .split('\n')
    .slice(0, Number(options.sets))
    .filter((line) => line !== '')
    .map((line) => line.split(' ').map(Number))
    .map(([zone, at, person, day, end]) => ({ zone, at, person, day, end }));
}

function median(samples) {
  samples.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return Number(samples[Math.floor(samples.length / 2)]) / 1000;
}

async function load(connection) {
  const columns = "{'person':'INTEGER','zone':'INTEGER','t_in':'BIGINT','t_out':'BIGINT'}";
  await connection.run(`CREATE TEMP TABLE stays AS
    SELECT * FROM read_csv('${options.workload}.stays.csv', header=false, columns=${columns})`);
  await connection.run('CREATE TABLE sz AS SELECT * FROM stays ORDER BY zone,t_in');
  await connection.run('CREATE TABLE sp AS SELECT * FROM stays ORDER BY person,t_in');
  const count = await connection.runAndReadAll('SELECT count(*) FROM stays');
  await connection.run('CHECKPOINT');
  return Number(count.getRows()[0][0]);
}

async function prepareAll(connection) {
  const prepared = {};
  for (const [question, sql] of Object.entries(statements)) {
    prepared[question] = await connection.prepare(sql);
  }
  return prepared;
}

async function ask(prepared, question, set) {
  const ofZone = question === 'inside' || question === 'curve';
  const statement = prepared[question];
  statement.bindInteger(1, ofZone ? set.zone : set.person);
  statement.bindBigInt(2, BigInt(question === 'inside' ? set.at : set.day));
  if (statement.parameterCount > 2) statement.bindBigInt(3, BigInt(set.end));
  const reader = await statement.runAndReadAll();
  return reader.getRows();
}

async function askAgainAndAgain(prepared) {
  const sets = parameterSets();
  for (const question of Object.keys(statements)) {
    const samples = [];
    const start = process.hrtime.bigint();
    for (let round = 0; round <= roundsMost; round++) {
      if (round > roundsLeast && process.hrtime.bigint() - start > mostNs) break;
      for (const set of sets) {
        const before = process.hrtime.bigint();
        await ask(prepared, question, set);
        if (round > 0) samples.push(process.hrtime.bigint() - before);
      }
    }
    result(`${figure}_${question}`, median(samples));
  }
}

async function askDifferent(prepared) {
  const sets = parameterSets();
  for (const question of Object.keys(statements)) {
    const samples = [];
    const start = process.hrtime.bigint();
    for (const set of sets) {
      const before = process.hrtime.bigint();
      if (before - start > mostNs) break;
      await ask(prepared, question, set);
      const warm = (before - start) * 10n >= mostNs;
      if (warm) samples.push(process.hrtime.bigint() - before);
    }
    result(`${figure}_${question}`, median(samples));
  }
}

function rowsOfCurve(changes) {
  const change = new Array(minutes + 1).fill(0);
  for (const [minute, by] of changes) change[Number(minute)] += Number(by);
  let inside = 0;
  return change.slice(0, minutes).map((by, minute) => [minute, (inside += by)]);
}

function byNumbers(a, b) {
  for (let i = 0; i < 3; i++) {
    if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

async function writeAnswers(prepared) {
  const file = openSync(options.answers, 'w');
  const sets = parameterSets();
  for (const question of Object.keys(statements)) {
    for (const [index, set] of sets.entries()) {
      let rows = await ask(prepared, question, set);
      if (question === 'curve') rows = rowsOfCurve(rows);
      rows = rows.map((row) => [...row.map(Number), 0, 0].slice(0, 3)).sort(byNumbers);
      for (const row of rows) writeSync(file, `${question} ${index}: ${row.join(' ')}\n`);
    }
  }
  closeSync(file);
}

if (options.file === undefined || options.workload === undefined) {
  console.error('usage: peer_duckdb.mjs load|hot|cold|answers --file DB --workload PREFIX');
  process.exit(2);
}
if (command === 'load') rmSync(options.file, { force: true });
const cache = options['cache-mib'] === undefined ? {} : { memory_limit: `${options['cache-mib']}MiB` };
const instance = await DuckDBInstance.create(options.file, cache);
const connection = await instance.connect();
if (command === 'load') {
  const count = await load(connection);
  connection.closeSync();
  instance.closeSync();
  result('bytes_a_stay', statSync(options.file).size / count);
} else {
  const prepared = await prepareAll(connection);
  if (command === 'hot') await askAgainAndAgain(prepared);
  else if (command === 'cold') await askDifferent(prepared);
  else await writeAnswers(prepared);
  connection.closeSync();
}
