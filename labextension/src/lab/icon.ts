/** The sidebar's icon: three bars of a poll. */
import { LabIcon } from '@jupyterlab/ui-components';

export const livePollIcon = new LabIcon({
  name: 'livepoll-jupyter:poll',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
    '<g class="jp-icon3" fill="#616161">' +
    '<rect x="3" y="4" width="18" height="4" rx="1"/>' +
    '<rect x="3" y="10" width="11" height="4" rx="1"/>' +
    '<rect x="3" y="16" width="6" height="4" rx="1"/>' +
    '</g></svg>'
});
