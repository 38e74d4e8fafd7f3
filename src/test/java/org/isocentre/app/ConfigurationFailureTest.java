package org.isocentre.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A wrong or missing value stops the start with a line that names property, value and remedy. */
@ExtendWith(OutputCaptureExtension.class)
class ConfigurationFailureTest {
  @TempDir Path data;

  private List<String> failure(CapturedOutput output, String... arguments) {
    SpringApplication application = new SpringApplication(IsocentreApplication.class);
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 4);
    all[arguments.length] = "--isocentre.data-dir=" + data;
    all[arguments.length + 1] = "--server.port=0";
    all[arguments.length + 2] = "--logging.level.root=OFF";
    all[arguments.length + 3] = "--logging.level.org.isocentre=OFF";
    assertThatThrownBy(() -> application.run(all)).isInstanceOf(RuntimeException.class);
    return output.getErr().lines().filter(l -> l.startsWith("ISO-CONFIG")).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "isocentre.dicom.port;99999;must be less than or equal to 65535",
        "isocentre.dicom.port;eleven;a whole number",
        "isocentre.dicom.ae-title;AN AE TITLE THAT IS TOO LONG;1 to 16 characters",
        "isocentre.mllp.max-message-size;much;such as 32MB",
        "isocentre.queues.max-deliveries;0;must be greater than or equal to 1",
        "isocentre.study.quiet-period;soon;such as 500ms",
        "isocentre.query.commitment-check-period;0;must be greater than or equal to 10",
        "isocentre.study.check-period;PT1S;a whole number",
        "isocentre.transfer.commitment-check-period;-1;must be greater than or equal to 10",
        "isocentre.merges.check-period;1s;a whole number",
        "isocentre.messages.dead-check-period;99999999;must be less than or equal to 86400000",
        "isocentre.outbound.poll-period;0;must be greater than or equal to 10",
        "isocentre.trusts[0].forward-to[0];NOBODY;one of [REFERRER, ALL]",
        "isocentre.trusts[0].ods-code;rth;ODS code"
      })
  void aWrongValueIsNamed(String name, String value, String remedy, CapturedOutput output) {
    assertThat(failure(output, "--" + name + "=" + value, "--isocentre.trusts[0].name=Trust"))
        .anySatisfy(line -> assertThat(line).contains(name).contains(value).contains(remedy));
  }

  @Test
  void aMissingValueIsNamed(CapturedOutput output) {
    assertThat(failure(output, "--isocentre.trusts[0].name=Trust"))
        .singleElement()
        .asString()
        .contains("isocentre.trusts[0].ods-code = (not set)")
        .contains("set it");
  }

  @Test
  void whatDoesNotGoTogetherIsNamed(CapturedOutput output) {
    assertThat(
            failure(
                output,
                "--isocentre.trusts[0].ods-code=RTH",
                "--isocentre.trusts[0].name=One",
                "--isocentre.trusts[1].ods-code=RTH",
                "--isocentre.trusts[1].name=Two"))
        .singleElement()
        .asString()
        .contains("isocentre.trusts")
        .contains("RTH");
  }

  @ParameterizedTest
  @CsvSource({"commitment", "notify"})
  void aNodeThatIsToBeAskedOrToldMustListen(String setting, CapturedOutput output) {
    assertThat(
            failure(
                output,
                "--isocentre.trusts[0].ods-code=RTH",
                "--isocentre.trusts[0].name=One",
                "--isocentre.trusts[0].application-entities[0].ae-title=CALLSONLY",
                "--isocentre.trusts[0].application-entities[0]." + setting + "=true"))
        .singleElement()
        .asString()
        .contains("ISO-EXCHANGE-003", "CALLSONLY", setting + ": true", "port");
  }

  /** The Java runtime's authorities would let in whoever has a certificate of any of them. */
  @Test
  void whoIsTrustedMustBeSaid(CapturedOutput output) {
    assertThat(
            failure(
                output,
                "--isocentre.dicom.tls.port=2762",
                "--isocentre.dicom.tls.key-store=" + data.resolve("hub.p12")))
        .singleElement()
        .asString()
        .contains("isocentre.dicom.tls.trust-store")
        .contains("isocentre.dicom.tls.port");
  }

  @Test
  void aDestinationWithTlsNeedsATrustStore(CapturedOutput output) {
    assertThat(
            failure(
                output,
                "--isocentre.trusts[0].ods-code=RTH",
                "--isocentre.trusts[0].name=One",
                "--isocentre.trusts[0].application-entities[0].ae-title=SAFE",
                "--isocentre.trusts[0].application-entities[0].host=127.0.0.1",
                "--isocentre.trusts[0].application-entities[0].port=11113",
                "--isocentre.trusts[0].application-entities[0].tls=true"))
        .singleElement()
        .asString()
        .contains("isocentre.dicom.tls.trust-store")
        .contains("SAFE");
  }

  /** An HL7 destination that is right but for what the arguments say. */
  private List<String> ofDestination(CapturedOutput output, String... more) {
    List<String> all =
        new java.util.ArrayList<>(
            List.of(
                "--isocentre.trusts[0].ods-code=RTH",
                "--isocentre.trusts[0].name=One",
                "--isocentre.trusts[0].hl7[0].name=rth-ris",
                "--isocentre.trusts[0].hl7[0].host=127.0.0.1",
                "--isocentre.trusts[0].hl7[0].port=2576",
                "--isocentre.trusts[0].hl7[0].application=RIS",
                "--isocentre.trusts[0].hl7[0].facility=RTH",
                "--isocentre.trusts[0].hl7[0].messages=ORU"));
    for (String argument : more) {
      String name = argument.substring(0, argument.indexOf('=') + 1);
      all.removeIf(a -> a.startsWith(name));
      all.add(argument);
    }
    return failure(output, all.toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "name;RTH RIS;such as rj1-ris",
        "messages;SIU;a list of some of [ADT, ORM, OMI, ORU, MDM]",
        "version;3.0;2.3 to 2.8",
        "charset;EBCDIC;UNICODE UTF-8",
        "port;0;must be greater than or equal to 1",
        "ack-timeout;0s;more than 0",
        "on-error;forget;one of [RETRY, PARK]",
        "messages;OMI;version: OMI is a message of version 2.5",
        "rules;nowhere.yaml;cannot be read",
        "tls;true;isocentre.outbound.tls.trust-store"
      })
  void aDestinationThatCannotWorkIsNamed(
      String name, String value, String remedy, CapturedOutput output) {
    assertThat(ofDestination(output, "--isocentre.trusts[0].hl7[0]." + name + "=" + value))
        .anySatisfy(line -> assertThat(line).contains("isocentre.", remedy));
  }

  @Test
  void aRuleThatCannotBeUsedIsNamedWithItsLine(CapturedOutput output) throws Exception {
    Path rules = data.resolve("rules.yaml");
    java.nio.file.Files.writeString(rules, "rules:\n\n  - set: { field: PID.3, value: x }\n");
    assertThat(ofDestination(output, "--isocentre.trusts[0].hl7[0].rules=" + rules))
        .singleElement()
        .asString()
        .contains("isocentre.trusts[0].hl7[0].rules", "rules.yaml line 3", "PID.3", "write PID-3");
  }
}
