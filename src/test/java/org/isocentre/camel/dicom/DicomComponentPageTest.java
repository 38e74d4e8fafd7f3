package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.junit.jupiter.api.Test;

/**
 * The reference page says what the annotations say. With {@code -Dpages.write=true} the page is
 * rewritten.
 */
class DicomComponentPageTest {
  @Test
  void thePageIsWhatIsGenerated() throws Exception {
    if (Boolean.getBoolean("pages.write")) {
      DicomComponentPage.main(new String[0]);
    }
    String page = Files.readString(DicomComponentPage.PAGE);
    assertThat(page)
        .as("run: mvn test -Dtest=DicomComponentPageTest -Dpages.write=true")
        .isEqualTo(DicomComponentPage.generated(page));
  }

  @Test
  void everyOptionThatCanBeSetIsAnnotated() {
    for (Class<?> options : new Class<?>[] {DicomConfiguration.class, PollConfiguration.class}) {
      Set<String> annotated =
          Arrays.stream(options.getDeclaredFields())
              .filter(field -> field.isAnnotationPresent(UriParam.class))
              .map(field -> field.getName().toLowerCase())
              .collect(Collectors.toSet());
      Set<String> settable =
          Arrays.stream(options.getMethods())
              .filter(method -> method.getName().startsWith("set"))
              .map(method -> method.getName().substring(3).toLowerCase())
              .collect(Collectors.toSet());
      assertThat(annotated).isEqualTo(settable);
    }
  }

  @Test
  void everyHeaderIsDescribed() {
    assertThat(
            Stream.of(DicomConstants.class.getFields())
                .filter(field -> !field.getName().equals("TAG_PREFIX"))
                .filter(field -> !field.isAnnotationPresent(Metadata.class)))
        .isEmpty();
  }

  @Test
  void everyOperationIsOnThePage() throws Exception {
    String page = Files.readString(DicomComponentPage.PAGE);
    for (DicomOperation operation : DicomOperation.values()) {
      assertThat(page).contains("| `" + operation.option() + "` |");
    }
  }
}
