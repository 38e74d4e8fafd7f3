package org.isocentre.hl7;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.isocentre.model.Appointment;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each message of the table is answered, and mapped, as the table says. */
class MessageTableTest {
  private static final Pattern ERR =
      Pattern.compile("ERR\\|+([A-Z0-9]{3})\\^\\d+(?:\\^(\\d{0,2}))?(?:\\||\\^)(\\d{3})");
  private final MessageReceiver receiver = MessageTable.receiver();

  @TestFactory
  Stream<DynamicTest> eachMessage() {
    return MessageTable.cases().stream()
        .map(c -> DynamicTest.dynamicTest(c.name(), () -> assertExpected(c)));
  }

  @Test
  void theTableHasMessagesOfEachTypeInManyShapes() {
    List<MessageTable.Case> cases = MessageTable.cases();
    assertThat(cases.size()).isGreaterThan(300);
    assertThat(cases).extracting(MessageTable.Case::name).doesNotHaveDuplicates();
  }

  private void assertExpected(MessageTable.Case c) throws Exception {
    MessageReceiver.Received received = receiver.receive(c.raw(), MessageTable.SOURCE);
    assertThat(answer(received, c)).isEqualTo(c.expected().get("answer"));
    if (!received.isAccepted()) {
      assertThat(errors(received)).contains(c.expected().get("error"));
      return;
    }
    List<?> mapped = MessageTable.map(Hl7Message.parse(c.raw()));
    assertThat(mapped).isNotEmpty();
    Map<String, String> found = new LinkedHashMap<>();
    found.put("count", Integer.toString(mapped.size()));
    for (int i = 0; i < mapped.size(); i++) {
      flatten(Integer.toString(i), mapped.get(i), found);
    }
    c.expected().keySet().removeAll(List.of("answer", "error"));
    Map<String, String> compared = new LinkedHashMap<>();
    c.expected()
        .keySet()
        .forEach(
            key ->
                compared.put(
                    key,
                    found.getOrDefault(
                        key, found.get(key.replaceFirst("(\\d+\\.)", "$1result.")))));
    assertThat(compared).isEqualTo(c.expected());
  }

  private static String answer(MessageReceiver.Received received, MessageTable.Case c) {
    Hl7Message.Header header = Hl7Message.header(c.raw()).orElseThrow();
    String text = new String(received.answer(), header.charset());
    Matcher msa = Pattern.compile("\rMSA.(A[AER]).").matcher(text);
    assertThat(msa.find()).as(text).isTrue();
    return msa.group(1);
  }

  private static List<String> errors(MessageReceiver.Received received) {
    return ERR.matcher(new String(received.answer(), StandardCharsets.UTF_8))
        .results()
        .map(
            m ->
                m.group(1)
                    + "-"
                    + Optional.ofNullable(m.group(2)).filter(f -> !f.isEmpty()).orElse("0")
                    + " "
                    + m.group(3))
        .toList();
  }

  private static void flatten(String path, Object value, Map<String, String> into)
      throws ReflectiveOperationException {
    if (value instanceof Appointment.OrderNumber) {
      throw new IllegalArgumentException("is a member of a list");
    }
    if (value instanceof Record mapped) {
      for (RecordComponent part : mapped.getClass().getRecordComponents()) {
        flatten(path + "." + part.getName(), part(mapped, part), into);
      }
      return;
    }
    into.put(path, text(value));
  }

  private static Object part(Record from, RecordComponent component)
      throws InvocationTargetException, IllegalAccessException {
    component.getAccessor().setAccessible(true);
    return component.getAccessor().invoke(from);
  }

  private static String text(Object value) {
    if (value == null) {
      return "-";
    }
    if (value instanceof byte[] bytes) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
    if (value instanceof Collection<?> many) {
      Stream<String> members = many.stream().map(MessageTableTest::member);
      return (many instanceof List ? members : members.sorted()).collect(Collectors.joining(","));
    }
    return value.toString().replace("\n", "\\n");
  }

  private static String member(Object member) {
    return member instanceof Appointment.OrderNumber n
        ? (n.placer() ? "placer " : "filler ") + n.value()
        : member.toString();
  }
}
