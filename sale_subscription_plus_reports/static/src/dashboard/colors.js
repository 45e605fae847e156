/** The colour of each movement, the same all over the page; blue and green gain, yellow to red lose. */
export const MOVEMENT_COLORS = {
    new: "#2a9d8f",
    reactivation: "#5752d1",
    resume: "#8fa3bf",
    expansion: "#4ea7f2",
    contraction: "#f4a261",
    pause: "#e9c46a",
    churn: "#d1495b",
    transfer: "#adb5bd",
};
export const MRR_COLOR = "#71639e";
export const COMMITTED_COLOR = "#2a9d8f";
export const RENEWING_COLOR = "#a9d8d1";
