package io.aquifer.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A picture of sizes over time, as one SVG file that needs nothing else: panels one under the
/// other, each with its lines and limits; sizes are to the same scale in all, times to each panel's
/// own. Immutable.
///
/// @param title above all panels
/// @param panels at least one
public record TimeChart(String title, List<Panel> panels) {
    private static final int WIDTH = 860;
    private static final int PANEL_HEIGHT = 260;
    private static final int LEFT = 70;
    private static final int RIGHT = 200;
    private static final int TOP = 50;
    private static final int GAP = 60;
    private static final int TICKS = 4;
    private static final double MIB = 1 << 20;
    private static final List<String> COLOURS =
            List.of("#c2185b", "#1565c0", "#2e7d32", "#ef6c00", "#6a1b9a", "#455a64");

    public TimeChart {
        panels = List.copyOf(panels);
        if (panels.isEmpty()) {
            throw new IllegalArgumentException("a chart needs a panel");
        }
    }

    /// @param lines in the order of the legend
    /// @param limits drawn across
    public record Panel(String title, List<Line> lines, List<Limit> limits) {}

    /// @param points in the order of their times
    public record Line(String name, List<Point> points) {}

    /// @param seconds since the beginning
    public record Point(double seconds, double bytes) {}

    /// A size that matters.
    public record Limit(String name, double bytes) {}

    public String toSvg() {
        double bytes = 1;
        for (Panel panel : panels) {
            for (Line line : panel.lines()) {
                for (Point point : line.points()) {
                    bytes = Math.max(bytes, point.bytes());
                }
            }
            for (Limit limit : panel.limits()) {
                bytes = Math.max(bytes, limit.bytes());
            }
        }
        int height = TOP + panels.size() * (PANEL_HEIGHT + GAP);
        StringBuilder svg = new StringBuilder();
        svg.append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">%n"
                        .formatted(WIDTH, height, WIDTH, height));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        text(svg, LEFT, 24, "font-size=\"16\"", title);
        for (int i = 0; i < panels.size(); i++) {
            Panel panel = panels.get(i);
            Scale scale = new Scale(seconds(panel), bytes * 1.05);
            draw(svg, panel, TOP + i * (PANEL_HEIGHT + GAP), scale);
        }
        return svg.append("</svg>\n").toString();
    }

    private static double seconds(Panel panel) {
        double seconds = 0.001;
        for (Line line : panel.lines()) {
            for (Point point : line.points()) {
                seconds = Math.max(seconds, point.seconds());
            }
        }
        return seconds;
    }

    private static void draw(StringBuilder svg, Panel panel, int top, Scale scale) {
        int bottom = top + PANEL_HEIGHT;
        text(svg, LEFT, top - 6, "font-weight=\"bold\"", panel.title());
        for (int i = 0; i <= TICKS; i++) {
            double bytes = scale.bytes() * i / TICKS;
            double seconds = scale.seconds() * i / TICKS;
            double y = scale.y(bytes, bottom);
            svg.append(
                    fixed(
                            "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
                            LEFT, y, WIDTH - RIGHT, y));
            text(svg, LEFT - 6, y + 4, "text-anchor=\"end\"", fixed("%.0f MiB", bytes / MIB));
            text(
                    svg,
                    scale.x(seconds),
                    bottom + 16,
                    "text-anchor=\"middle\"",
                    fixed("%.1f s", seconds));
        }
        for (Limit limit : panel.limits()) {
            double y = scale.y(limit.bytes(), bottom);
            svg.append(
                    fixed(
                            "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#000\""
                                    + " stroke-dasharray=\"5 4\"/>%n",
                            LEFT, y, WIDTH - RIGHT, y));
            text(svg, WIDTH - RIGHT + 6, y + 4, "", limit.name());
        }
        List<Line> lines = panel.lines();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            String colour = COLOURS.get(i % COLOURS.size());
            List<String> points = new ArrayList<>();
            for (Point point : line.points()) {
                points.add(
                        fixed(
                                "%.1f,%.1f",
                                scale.x(point.seconds()), scale.y(point.bytes(), bottom)));
            }
            svg.append("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"")
                    .append(colour)
                    .append("\" points=\"")
                    .append(String.join(" ", points))
                    .append("\"/>\n");
            text(svg, LEFT + 10, top + 18 + 16 * i, "fill=\"" + colour + "\"", line.name());
        }
    }

    private static void text(
            StringBuilder svg, double x, double y, String attributes, String text) {
        svg.append(
                fixed(
                        "<text x=\"%.1f\" y=\"%.1f\" %s>%s</text>%n",
                        x, y, attributes, escaped(text)));
    }

    private static String fixed(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private record Scale(double seconds, double bytes) {
        double x(double at) {
            return LEFT + at / seconds * (WIDTH - LEFT - RIGHT);
        }

        double y(double size, int bottom) {
            return bottom - size / bytes * PANEL_HEIGHT;
        }
    }
}
