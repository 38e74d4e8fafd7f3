package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In which order hl7-drop.yaml takes more files than one look at the directory does. */
class DropOrderTest {
  private static final int FILES = 50;
  private final List<String> taken = Collections.synchronizedList(new ArrayList<>());

  /** In place of the hub's. */
  public final class Door {
    public void receive(Exchange exchange) {
      String name = exchange.getMessage().getHeader(Exchange.FILE_NAME, String.class);
      taken.add(name);
      exchange.getMessage().setHeader("IsocentreDropTarget", "done/" + name);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theOldestFileIsTakenFirst(boolean doneFiles, @TempDir Path drop) throws Exception {
    List<String> written = new ArrayList<>();
    Instant first = Instant.now().minus(Duration.ofHours(2));
    for (int i = 0; i < FILES; i++) {
      // Neither by name nor by when it was made is a file where its age puts it.
      String name = "F%02d.hl7".formatted(i * 31 % FILES);
      Path file = Files.writeString(drop.resolve(name), "MSH|");
      Files.setLastModifiedTime(file, FileTime.from(first.minusSeconds(60L * i)));
      if (doneFiles) {
        Files.createFile(drop.resolve(name + ".done"));
      }
      written.add(0, name);
    }
    try (DefaultCamelContext context = new DefaultCamelContext()) {
      Properties settings = new Properties();
      settings.setProperty("isocentre.hl7-drop.directory", drop.toString());
      settings.setProperty("isocentre.hl7-drop.done-files", String.valueOf(doneFiles));
      settings.setProperty("drop-quiet-millis", "5000");
      context.getPropertiesComponent().setInitialProperties(settings);
      context.getRegistry().bind("dropDoor", new Door());
      PluginHelper.getRoutesLoader(context)
          .loadRoutes(
              ResourceHelper.fromString(
                  "hl7-drop.yaml", Files.readString(Path.of("routes/hl7-drop.yaml"))));
      context.start();
      await().atMost(Duration.ofSeconds(60)).until(() -> taken.size() == FILES);
    }
    assertThat(taken).containsExactlyElementsOf(written);
  }
}
