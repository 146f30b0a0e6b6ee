// Reads a page with the npm client `statuspage.io`: prints what each of its calls understood, as JSON.
const [, , modules, url] = process.argv;
const { Statuspage } = require(`${modules}/statuspage.io`);

const client = new Statuspage("ours");
client.setApiUrl(url);
const calls = {
  status: () => client.api.getStatus(),
  summary: () => client.api.getSummary(),
  components: () => client.api.getComponents(),
  incidents: () => client.api.incidents.getAll(),
  unresolved: () => client.api.incidents.getUnresolved(),
  maintenances: () => client.api.scheduledMaintenances.getAll(),
  upcoming: () => client.api.scheduledMaintenances.getUpcoming(),
  active: () => client.api.scheduledMaintenances.getActive(),
};
(async () => {
  const answers = {};
  for (const [name, call] of Object.entries(calls)) answers[name] = await call();
  console.log(JSON.stringify(answers));
})();
