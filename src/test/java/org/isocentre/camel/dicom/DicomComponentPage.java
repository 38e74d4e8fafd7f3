package org.isocentre.camel.dicom;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.support.ScheduledPollEndpoint;
import org.isocentre.camel.ComponentPage;
import org.isocentre.camel.ComponentPage.Option;

/**
 * The tables of the component's reference page, made of the annotations. {@code main} writes them
 * into the page, between its markers.
 */
final class DicomComponentPage {
  static final Path PAGE = Path.of("docs/reference/dicom-component.md");

  private DicomComponentPage() {}

  /** Rewrites the page. */
  public static void main(String[] arguments) throws IOException {
    Files.writeString(PAGE, generated(Files.readString(PAGE)));
  }

  /** The page with its tables as they should be. */
  static String generated(String page) {
    return ComponentPage.generated(page, tables());
  }

  private static Map<String, String> tables() {
    List<Option> all = new ArrayList<>();
    all.addAll(ComponentPage.options(DicomConfiguration.class));
    all.addAll(ComponentPage.options(PollConfiguration.class));
    Map<String, String> tables = new LinkedHashMap<>();
    tables.put(
        "common options",
        ComponentPage.table(all.stream().filter(DicomComponentPage::isCommon).toList()));
    tables.put(
        "consumer options",
        ComponentPage.table(all.stream().filter(o -> o.is("consumer") && !isSpecial(o)).toList()));
    tables.put(
        "producer options",
        ComponentPage.table(all.stream().filter(o -> o.is("producer") && !isSpecial(o)).toList()));
    tables.put(
        "security options",
        ComponentPage.table(all.stream().filter(o -> o.is("security")).toList()));
    tables.put(
        "poll options", ComponentPage.table(all.stream().filter(o -> o.is("poll")).toList()));
    tables.put(
        "scheduler options",
        ComponentPage.table(ComponentPage.options(ScheduledPollEndpoint.class)));
    tables.put("headers", ComponentPage.headers(DicomConstants.class));
    return tables;
  }

  private static boolean isSpecial(Option option) {
    return option.is("poll") || option.is("security");
  }

  private static boolean isCommon(Option option) {
    return !option.is("consumer") && !option.is("producer") && !isSpecial(option);
  }
}
