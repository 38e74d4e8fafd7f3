package org.isocentre.camel.dicomweb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.isocentre.camel.ComponentPage;
import org.junit.jupiter.api.Test;

/**
 * The reference page says what the annotations say. With {@code -Dpages.write=true} the page is
 * rewritten.
 */
class DicomWebComponentPageTest {
  private static final Path PAGE = Path.of("docs/reference/dicomweb-component.md");

  private static String generated() throws Exception {
    return ComponentPage.generated(
        Files.readString(PAGE),
        Map.of(
            "options",
            ComponentPage.table(ComponentPage.options(DicomWebConfiguration.class)),
            "headers",
            ComponentPage.headers(DicomWebConstants.class)));
  }

  @Test
  void thePageIsWhatIsGenerated() throws Exception {
    if (Boolean.getBoolean("pages.write")) {
      Files.writeString(PAGE, generated());
    }
    assertThat(Files.readString(PAGE))
        .as("run: mvn test -Dtest=DicomWebComponentPageTest -Dpages.write=true")
        .isEqualTo(generated());
  }

  @Test
  void everyOperationIsOnThePage() throws Exception {
    String page = Files.readString(PAGE);
    assertThat(Arrays.stream(DicomWebOperation.values()))
        .allMatch(operation -> page.contains("| `" + operation.name() + "` |"));
  }

  @Test
  void everyOptionThatCanBeSetIsDescribed() {
    long settable =
        Arrays.stream(DicomWebConfiguration.class.getMethods())
            .filter(method -> method.getName().startsWith("set"))
            .count();
    assertThat(ComponentPage.options(DicomWebConfiguration.class)).hasSize((int) settable);
  }
}
