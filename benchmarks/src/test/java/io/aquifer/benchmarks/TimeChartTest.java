package io.aquifer.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;

/// The picture, read back as XML.
class TimeChartTest {
    @Test
    void toSvg_twoPanels_drawsEveryPointInsideItsPanelAndTextEscaped() throws Exception {
        List<TimeChart.Point> rising = new ArrayList<>();
        for (int i = 0; i <= 10; i++) {
            rising.add(new TimeChart.Point(i, i * 1e6));
        }
        TimeChart chart =
                new TimeChart(
                        "a < b & c",
                        List.of(
                                new TimeChart.Panel(
                                        "first",
                                        List.of(new TimeChart.Line("hot", rising)),
                                        List.of(new TimeChart.Limit("total", 20e6))),
                                new TimeChart.Panel("empty", List.of(), List.of())));

        Element svg = parse(chart.toSvg());

        NodeList lines = svg.getElementsByTagName("polyline");
        assertThat(lines.getLength()).isEqualTo(1);
        String[] points = ((Element) lines.item(0)).getAttribute("points").split(" ", -1);
        assertThat(points).hasSize(11);
        double lastX = -1;
        double lastY = 1e9;
        for (String point : points) {
            String[] xy = point.split(",", -1);
            double x = Double.parseDouble(xy[0]);
            double y = Double.parseDouble(xy[1]);
            assertThat(x).isBetween(70.0, 660.0).isGreaterThan(lastX);
            assertThat(y).isBetween(50.0, 310.0).isLessThan(lastY);
            lastX = x;
            lastY = y;
        }
        // The largest size in any panel is the limit of 20 MB; the line ends at half of that.
        assertThat(lastY).isEqualTo(310 - 260 / 2.1, org.assertj.core.api.Assertions.within(0.1));
        assertThat(svg.getTextContent()).contains("a < b & c", "first", "hot", "total", "empty");
    }

    @Test
    void chart_withoutPanels_isRefused() {
        assertThatThrownBy(() -> new TimeChart("x", List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a chart needs a panel");
    }

    private static Element parse(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
                .getDocumentElement();
    }
}
