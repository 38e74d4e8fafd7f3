package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.component.file.FileEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.convert.DurationStyle;

/** A dropped file is left alone for as long as isocentre.hl7-drop.quiet-period says. */
class QuietPeriodTest {
  private static final Pattern OPTION = Pattern.compile("readLockMinAge: \"(.+)\"");

  @ParameterizedTest
  @ValueSource(strings = {"5s", "PT5S", "500ms", "5000", "2m", "PT1M30S", "P1D", "5S", "pt5s"})
  void isTheSameToTheRouteAsToTheSettings(String text) throws Exception {
    Duration period = DurationStyle.detectAndParse(text);
    try (DefaultCamelContext camel = new DefaultCamelContext()) {
      camel
          .getPropertiesComponent()
          .addInitialProperty("drop-quiet-millis", Long.toString(period.toMillis()));
      camel.start();
      FileEndpoint endpoint =
          camel.getEndpoint("file:target/none?readLockMinAge=" + option(text), FileEndpoint.class);
      assertThat(endpoint.getReadLockMinAge()).isEqualTo(period.toMillis());
    }
  }

  /** As the route has it; if that is the setting itself, its text. */
  private static String option(String text) throws Exception {
    Matcher found = OPTION.matcher(Files.readString(Path.of("routes/hl7-drop.yaml")));
    assertThat(found.find()).isTrue();
    return found.group(1).replaceAll("\\{\\{isocentre.*}}", text);
  }
}
