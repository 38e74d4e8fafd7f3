package org.isocentre.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.isocentre.hl7.AcknowledgementMode.Condition;
import org.isocentre.outbound.Acknowledging.Way;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Only what says in the end whether a message has arrived may be asked for. */
class AcknowledgingTest {
  @ParameterizedTest
  @CsvSource({
    "AL, NE, SAME_CONNECTION",
    "AL, ER, OWN_CONNECTION",
    "AL, AL, SAME_CONNECTION",
    "AL, AL, OWN_CONNECTION",
    "NE, AL, SAME_CONNECTION",
    ", , SAME_CONNECTION"
  })
  void mayBeAskedFor(Condition accept, Condition application, Way by) {
    Acknowledging mode = new Acknowledging(accept, application, by, Duration.ofSeconds(1));
    assertThat(mode.isEnhanced()).isEqualTo(accept != null);
    assertThat(mode.acceptField()).isEqualTo(accept == null ? null : accept.name());
    assertThat(mode.applicationField()).isEqualTo(application == null ? null : application.name());
  }

  @ParameterizedTest
  @CsvSource({
    "NE, NE, SAME_CONNECTION, accept-acknowledgement",
    "NE, ER, SAME_CONNECTION, accept-acknowledgement",
    "NE, AL, OWN_CONNECTION, accept-acknowledgement",
    "ER, AL, SAME_CONNECTION, accept-acknowledgement",
    "SU, AL, SAME_CONNECTION, accept-acknowledgement",
    ", AL, SAME_CONNECTION, accept-acknowledgement",
    "AL, , SAME_CONNECTION, application-acknowledgement",
    "AL, SU, SAME_CONNECTION, application-acknowledgement"
  })
  void mayNot(Condition accept, Condition application, Way by, String setting) {
    assertThatThrownBy(() -> new Acknowledging(accept, application, by, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(setting + ": ");
  }
}
