/** The places of the sidebar: each is a page that is there. */
export const places = [
  { to: '/runs', icon: 'runs', label: 'Runs', hasRule: false },
  { to: '/playground', icon: 'play', label: 'Playground', hasRule: false },
  { to: '/prompts', icon: 'prompts', label: 'Prompts', hasRule: false },
  { to: '/datasets', icon: 'data', label: 'Datasets', hasRule: true },
  { to: '/settings', icon: 'settings', label: 'Settings', hasRule: true },
] as const;
