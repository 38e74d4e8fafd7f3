package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What is in log lines of this project's classes, and what is not. */
class DicomLogTest {
  private static final List<String> PATIENT =
      List.of("SECRETNAME", "SECRETID", "19010203", "SECRETACC", "SECRETSTUDY", "TEST^ONE");
  private final Loopback loopback = new Loopback();
  private final Logger logger = (Logger) LoggerFactory.getLogger("org.isocentre");
  private final Level before = logger.getLevel();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> capture =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(
              event.getFormattedMessage()
                  + (event.getThrowableProxy() == null
                      ? ""
                      : ThrowableProxyUtil.asString(event.getThrowableProxy())));
        }
      };

  @BeforeEach
  void listen() {
    capture.setContext(logger.getLoggerContext());
    capture.start();
    logger.addAppender(capture);
  }

  @AfterEach
  void stop() {
    loopback.close();
    logger.detachAppender(capture);
    logger.setLevel(before);
  }

  private static DataSet patient() {
    DataSet set =
        new DataSet()
            .set(Tag.QueryRetrieveLevel, "STUDY")
            .set(Tag.PatientName, "SECRETNAME^A")
            .set(Tag.StudyInstanceUID, "1.2.3")
            .set(Tag.PatientID, "SECRETID")
            .set(Tag.PatientBirthDate, "19010203")
            .set(Tag.AccessionNumber, "SECRETACC")
            .set(Tag.StudyDescription, "SECRETSTUDY")
            .set(Tag.PerformedProcedureStepStatus, "IN PROGRESS");
    set.addItem(Tag.ScheduledStepAttributesSequence).set(Tag.AccessionNumber, "SECRETACC");
    return set;
  }

  private void answer(Exchange exchange) {
    Object operation = exchange.getMessage().getHeader(DicomConstants.OPERATION);
    if (exchange.getMessage().getHeader(DicomConstants.CALLING_AE_TITLE).equals("FAILS")) {
      throw new IllegalStateException("a fault");
    }
    exchange
        .getMessage()
        .setBody(operation.equals("find") ? List.of(patient(), patient()) : patient());
  }

  /** Every operation, once well and once ill. */
  private void run(String options) throws Exception {
    loopback.from(
        "in",
        "operations=store,find,worklist,mpps,move,get,commit,ian&headerTags=PatientID,StudyDate"
            + options,
        this::answer);
    for (String caller : List.of("PACS", "FAILS")) {
      String to = "dicom:HUB@127.0.0.1:" + loopback.port("in") + "?callingAet=" + caller + options;
      for (String operation : List.of("find", "move", "get", "mpps", "commit", "ian")) {
        loopback.send(to + "&streaming=false&moveDestination=X&operation=" + operation, patient());
      }
      loopback.send(to + "&streaming=false&operation=find&model=worklist", patient());
      loopback.send(to, Loopback.file(Uid.random(), 10));
      loopback.send(to, "no Part 10 of SECRETNAME".getBytes());
      loopback.send(to + "&operation=find", Map.of("NoSuchKeyword", "SECRETNAME"));
    }
    loopback.route(
        "poll",
        loopback.to("in", "poll=true&initialDelay=0&query.PatientName=SECRETNAME" + options),
        e -> {
          throw new IllegalStateException("polled");
        });
    await()
        .untilAsserted(
            () -> assertThat(lines).anySatisfy(line -> assertThat(line).contains("polled")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"INFO", "TRACE"})
  void noPatientDataAtAnyLevel(String level) throws Exception {
    logger.setLevel(Level.valueOf(level));
    run("");
    assertThat(lines).hasSizeGreaterThan(5);
    for (String line : lines) {
      assertThat(PATIENT).noneMatch(line::contains);
    }
  }

  @ParameterizedTest
  @CsvSource({"DEBUG, true", "INFO, false"})
  void identifiersAreShownOnlyAtDebugAndIfAllowed(String level, boolean shown) throws Exception {
    logger.setLevel(Level.valueOf(level));
    run("&logPhi=true");
    assertThat(lines.stream().anyMatch(line -> line.contains("PatientID=SECRETID")))
        .isEqualTo(shown);
  }
}
