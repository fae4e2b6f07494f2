import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { LiveView } from '../core/live.js';
import { type LatencySpan, type Panel, type PanelProps, type Size, type Strip, share } from './panel.js';
import { Help } from './panels/help.js';
import { ABOVE, BELOW, PANELS } from './panels/index.js';
import { title } from './panels/title.js';
import { Colour } from './style.js';

const TWO_COLUMNS_MIN = 118;
const COLUMN_GAP = 2;

export interface DashboardProps {
  readonly view: LiveView;
  readonly size: Size;
  readonly span: LatencySpan;
  /** The page of the help to show; undefined: the run is shown. */
  readonly helpPage: number | undefined;
  /** Whether colours are wanted. */
  readonly colour: boolean;
  readonly panels?: readonly Panel[];
}

/** The whole screen. */
export function Dashboard({ view, size, span, helpPage, colour, panels = PANELS }: DashboardProps): ReactNode {
  const all = { view, span, ...size };
  const strips = (list: readonly Strip[]) => list.map((strip) => <Lines key={strip.name} strip={strip} {...all} />);
  const sum = (list: readonly Strip[]) => list.reduce((sum, strip) => sum + strip.rows(view, size.columns), 0);
  const middle = Math.max(0, size.rows - sum(ABOVE) - sum(BELOW));
  return (
    <Colour value={colour}>
      <Box flexDirection="column" width={size.columns} height={size.rows}>
        {helpPage !== undefined ? (
          <>
            <Lines strip={title} {...all} />
            <Help size={size} page={helpPage} />
          </>
        ) : (
          <>
            {strips(ABOVE)}
            <Panels panels={panels} {...all} rows={middle} />
            {strips(BELOW)}
          </>
        )}
      </Box>
    </Colour>
  );
}

function Lines({ strip, ...props }: PanelProps & { readonly strip: Strip }): ReactNode {
  const rows = strip.rows(props.view, props.columns);
  if (rows === 0) return null;
  return (
    <Box height={rows} flexShrink={0}>
      <strip.Body {...props} rows={rows} />
    </Box>
  );
}

/** The panels below each other, or in two columns if there is room. */
function Panels({ panels, ...props }: PanelProps & { readonly panels: readonly Panel[] }): ReactNode {
  const { columns, rows } = props;
  if (columns < TWO_COLUMNS_MIN) return <Stack panels={panels} {...props} />;
  const left = Math.ceil((columns - COLUMN_GAP) / 2);
  const on = (side: Panel['side']) => panels.filter((panel) => panel.side === side);
  return (
    <Box height={rows} flexShrink={0} columnGap={COLUMN_GAP}>
      <Stack panels={on('left')} {...props} columns={left} />
      <Stack panels={on('right')} {...props} columns={columns - COLUMN_GAP - left} />
    </Box>
  );
}

function Stack({ panels, ...props }: PanelProps & { readonly panels: readonly Panel[] }): ReactNode {
  const { columns, rows } = props;
  const heights = share(panels, props.view, props);
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0}>
      {panels.map(({ name, Body }, i) => {
        const height = heights[i] ?? 0;
        return (
          height > 0 && (
            <Box key={name} flexDirection="column" height={height} flexShrink={0}>
              <Body {...props} rows={height} />
            </Box>
          )
        );
      })}
    </Box>
  );
}
