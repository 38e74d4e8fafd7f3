package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Matches;
import org.isocentre.dicom.dimse.Query;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** C-FIND of the component against itself. */
class DicomFindTest {
  private static final int MANY = 100_000;
  private final Loopback loopback = new Loopback();
  private final AtomicInteger read = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Query asked;
  private volatile Object answer = List.of();
  private volatile RuntimeException toThrow;
  private volatile Integer status;

  @BeforeEach
  void start() throws Exception {
    loopback.from("find", "operations=find,worklist", this::answer);
  }

  @AfterEach
  void stop() {
    loopback.close();
  }

  private void answer(Exchange exchange) {
    asked = exchange.getMessage().getBody(Query.class);
    exchange.getMessage().setBody(answer);
    exchange.getMessage().setHeader(DicomConstants.STATUS, status);
    if (toThrow != null) {
      throw toThrow;
    }
  }

  /** Matches that count how far they are read. */
  private Matches counted(int count) {
    return new Matches() {
      @Override
      public boolean hasNext() {
        return read.get() < count;
      }

      @Override
      public DataSet next() {
        return Loopback.study("1.2." + read.incrementAndGet());
      }

      @Override
      public void close() {
        closed.set(true);
      }
    };
  }

  @ParameterizedTest
  @CsvSource({
    "study, 1.2.840.10008.5.1.4.1.2.2.1, STUDY",
    "patient, 1.2.840.10008.5.1.4.1.2.1.1, SERIES"
  })
  void asksInTheModelAndAtTheLevelOfTheOptions(String model, String sopClass, String level) {
    loopback.send(
        loopback.to("find", "operation=find&model=%s&level=%s".formatted(model, level)),
        Map.of("PatientID", "X1"));
    assertThat(asked.sopClassUid()).isEqualTo(sopClass);
    assertThat(asked.identifier().string(Tag.QueryRetrieveLevel)).isEqualTo(level);
    assertThat(asked.identifier().string(Tag.PatientID)).isEqualTo("X1");
    assertThat(asked.callingAeTitle()).isEqualTo("PACS");
  }

  @Test
  void worklistHasNoLevel() {
    answer = new DataSet().set(Tag.AccessionNumber, "A1");
    Exchange done =
        loopback.send(
            loopback.to("find", "operation=find&model=worklist&streaming=false"),
            Map.of("PatientID", ""));
    assertThat((List<?>) done.getMessage().getBody(List.class)).hasSize(1);
    assertThat(asked.sopClassUid()).isEqualTo(ServiceSopClass.MODALITY_WORKLIST_FIND);
    assertThat(asked.identifier().contains(Tag.QueryRetrieveLevel)).isFalse();
  }

  @Test
  void queryOptionsAreAgreedForTheWorklistToo() throws Exception {
    loopback.route(
        "worklist",
        "dicom:WORK@127.0.0.1:0?operations=worklist&queryOptions=timezoneAdjustment",
        this::answer);
    Exchange done =
        loopback.send(
            "dicom:WORK@127.0.0.1:%d?operation=find&model=worklist&streaming=false&queryOptions=fuzzyNames,timezoneAdjustment"
                .formatted(loopback.port("worklist")),
            Map.of("PatientID", "", "TimezoneOffsetFromUTC", "+0100"));
    assertThat(done.getException()).isNull();
    assertThat(asked.options()).containsExactly(Query.Option.TIMEZONE_ADJUSTMENT);
    assertThat(asked.identifier().string(Tag.TimezoneOffsetFromUTC)).isEqualTo("+0100");
  }

  /** PS3.4 §C.5.1.1, §C.5.2.1, §K.5.1.1. */
  @Test
  void eachServiceHasItsOwnBytesOfExtendedNegotiation() {
    DicomConfiguration configuration = new DicomConfiguration();
    assertThat(configuration.extendedNegotiation(DicomOperation.WORKLIST)).isNull();
    configuration.setQueryOptions("relational,timezoneAdjustment");
    assertThat(configuration.extendedNegotiation(DicomOperation.FIND)).containsExactly(1, 0, 0, 1);
    assertThat(configuration.extendedNegotiation(DicomOperation.MOVE)).containsExactly(1);
    assertThat(configuration.extendedNegotiation(DicomOperation.WORKLIST))
        .containsExactly(1, 1, 0, 1);
  }

  @Test
  void takesEveryBodyThatARouteMayLeave() {
    for (Object body :
        new Object[] {
          Loopback.study("1"),
          List.of(Loopback.study("1")),
          List.of(Loopback.study("1")).iterator(),
          Matches.of(List.of(Loopback.study("1")).iterator())
        }) {
      answer = body;
      assertThat(list("")).hasSize(1);
    }
    answer = null;
    assertThat(list("")).isEmpty();
    answer = "no matches";
    assertThatThrownBy(() -> list(""))
        .isInstanceOfSatisfying(
            DimseStatusException.class,
            e -> assertThat(e.status()).isEqualTo(Status.UNABLE_TO_PROCESS));
  }

  private List<?> list(String options) {
    Exchange done =
        loopback.send(
            loopback.to("find", "operation=find&streaming=false" + options), Loopback.study("1"));
    if (done.getException() instanceof RuntimeException e) {
      throw e;
    }
    return done.getMessage().getBody(List.class);
  }

  @Test
  void streamsIntoASplitterThatIsBoundedByTheNetwork() throws Exception {
    answer = counted(MANY);
    AtomicInteger ahead = new AtomicInteger();
    AtomicInteger split = new AtomicInteger();
    loopback.context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("direct:split")
                .to(loopback.to("find", "operation=find&maxResults=3000"))
                .split(body())
                .streaming()
                .process(
                    e -> {
                      assertThat(e.getMessage().getBody()).isInstanceOf(DataSet.class);
                      ahead.accumulateAndGet(read.get() - split.incrementAndGet(), Math::max);
                    });
          }
        });
    loopback.template.sendBody("direct:split", Loopback.study("1"));
    assertThat(split).hasValue(3000);
    await().untilTrue(closed);
    assertThat(read.get()).isLessThan(MANY);
  }

  @Test
  void maxResultsCancelsWhatIsLeft() {
    answer = counted(MANY);
    assertThat(list("&maxResults=5")).hasSize(5);
    await().untilTrue(closed);
    assertThat(read.get()).isLessThan(MANY);
    answer = List.of(Loopback.study("1"));
    assertThat(list("&maxResults=5")).as("the association goes on").hasSize(1);
  }

  @Test
  void cancelAfterEndsAQueryWithoutEnd() {
    answer = counted(Integer.MAX_VALUE);
    assertThat(list("&cancelAfter=300")).isNotEmpty();
    await().untilTrue(closed);
  }

  @Test
  void anIteratorThatIsNotReadIsCancelledWhenTheExchangeIsDone() {
    answer = counted(MANY);
    Exchange done = loopback.send(loopback.to("find", "operation=find"), Loopback.study("1"));
    Iterator<?> unread = done.getMessage().getBody(Iterator.class);
    await().untilTrue(closed);
    assertThat(unread.hasNext()).isFalse();
  }

  @Test
  void aRouteMayAskAnotherPeerAndStreamItsMatchesOn() throws Exception {
    answer = counted(500);
    String behind = loopback.to("find", "operation=find");
    loopback.context.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            errorHandler(noErrorHandler());
            from("dicom:PROXY@127.0.0.1:0?operations=find").routeId("proxy").to(behind);
          }
        });
    Exchange done =
        loopback.send(
            "dicom:PROXY@127.0.0.1:%d?operation=find&streaming=false"
                .formatted(loopback.port("proxy")),
            Loopback.study("1"));
    assertThat((List<?>) done.getMessage().getBody(List.class)).hasSize(500);
    await().untilTrue(closed);
  }

  @Test
  void aFailureIsNoEmptyResult() {
    toThrow = new DimseStatusException(Status.OUT_OF_RESOURCES, "too many");
    assertThatThrownBy(() -> list(""))
        .isInstanceOfSatisfying(
            DimseStatusException.class,
            e -> assertThat(e.status()).isEqualTo(Status.OUT_OF_RESOURCES));
    toThrow = new IllegalStateException("a fault");
    assertThatThrownBy(() -> list(""))
        .isInstanceOfSatisfying(
            DimseStatusException.class,
            e -> assertThat(e.status()).isEqualTo(Status.UNABLE_TO_PROCESS));
  }

  @Test
  void matchesThatAreNoAnswerAreClosed() {
    answer = counted(MANY);
    toThrow = new IllegalStateException("a fault after the query");
    assertThatThrownBy(() -> list("")).isInstanceOf(DimseStatusException.class);
    assertThat(closed.getAndSet(false)).as("a later step failed").isTrue();
    toThrow = null;
    status = Status.OUT_OF_RESOURCES;
    assertThatThrownBy(() -> list("")).isInstanceOf(DimseStatusException.class);
    assertThat(closed).as("a status other than success").isTrue();
    assertThat(read).hasValue(0);
  }

  @Test
  void anAssociationIsGivenBackThoughTheMatchesCannotBeClosed() {
    AtomicBoolean given = new AtomicBoolean();
    Matches faulty =
        new Matches() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public DataSet next() {
            return Loopback.study("1");
          }

          @Override
          public void close() {
            throw new IllegalStateException("a fault at the end");
          }
        };
    RetrieveOperations.FoundIterator found =
        new RetrieveOperations.FoundIterator(
            faulty, 0, java.time.Duration.ZERO, () -> given.set(true));
    assertThatThrownBy(found::close).hasMessage("a fault at the end");
    assertThat(given).isTrue();
  }

  @Test
  void aFailureAmidTheMatchesComesAfterThoseThatWereGiven() {
    answer =
        new Matches() {
          private final Iterator<Integer> some = IntStream.range(0, 3).iterator();

          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public DataSet next() {
            if (!some.hasNext()) {
              throw new DimseStatusException(Status.OUT_OF_RESOURCES, "cursor lost");
            }
            return Loopback.study("1." + some.next());
          }

          @Override
          public void close() {
            closed.set(true);
          }
        };
    assertThatThrownBy(() -> list("")).isInstanceOf(DimseStatusException.class);
    await().untilTrue(closed);
  }

  @Test
  void aQueryNeedsALevel() {
    assertThat(loopback.failure(loopback.to("find", "operation=find"), Map.of("PatientID", "X")))
        .hasMessageContaining("ISO-DICOM-611");
    assertThat(
            loopback.failure(
                loopback.to("find", "operation=find&level=STUDY"), Map.of("NoSuch", 1)))
        .hasStackTraceContaining("ISO-DICOM-613");
  }
}
