package org.isocentre.camel.dicom;

import java.util.Map;
import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;

/** Options of a consumer that asks a peer for what is new, instead of listening. */
@UriParams
public class PollConfiguration {
  /** Keeps what one poll holds in memory within bounds. */
  static final int MAX_MESSAGES_PER_POLL = 10_000;

  @UriParam(label = "consumer,poll", defaultValue = "false")
  @Metadata(
      description =
          "Whether the consumer asks the peer at the address with C-FIND for matches, on Camel's"
              + " schedule, instead of listening. Each match that is new makes an exchange.")
  private boolean poll;

  @UriParam(label = "consumer,poll", defaultValue = "none", enums = "none,get,move")
  @Metadata(
      description =
          "With poll: what the exchange carries. none: the match, a DataSet; get: the List of its"
              + " objects, by C-GET; move: the match, after a C-MOVE to moveDestination.")
  private Fetch fetch = Fetch.none;

  @UriParam(label = "consumer,poll", defaultValue = "none", enums = "none,stable")
  @Metadata(
      description =
          "With poll: stable waits until the number of related instances of a match was the same in"
              + " stableChecks polls.")
  private ReadLock readLock = ReadLock.none;

  @UriParam(label = "consumer,poll", defaultValue = "2")
  @Metadata(
      description =
          "With readLock=stable: polls in a row that must give the same number, 2 to 100.")
  private int stableChecks = 2;

  @UriParam(label = "consumer,poll", defaultValue = "100")
  @Metadata(
      description =
          "With poll: new matches of one poll at most, 1 to 10000; the rest comes with the next.")
  private int maxMessagesPerPoll = 100;

  @UriParam(label = "consumer,poll", defaultValue = "true")
  @Metadata(description = "With poll: whether a match whose exchange succeeded is left out after.")
  private boolean idempotent = true;

  @UriParam(label = "consumer,poll")
  @Metadata(
      description =
          "With poll: where the unique keys of matches are kept that were dealt with. Default: the"
              + " last 10000 in memory, forgotten at a restart.")
  private IdempotentRepository idempotentRepository;

  @UriParam(label = "consumer,poll", prefix = "query.", multiValue = true)
  @Metadata(
      description =
          "With poll: matching and return keys by PS3.6 keyword; a path with dots leads into a"
              + " sequence. Dates may be today, yesterday or today-N, also within a range:"
              + " query.StudyDate=today-7-today.")
  private Map<String, Object> query = Map.of();

  /** What is fetched of a match. */
  public enum Fetch {
    none,
    get,
    move
  }

  /** Whether a match is waited for. */
  public enum ReadLock {
    none,
    stable
  }

  void check() {
    between("maxMessagesPerPoll", maxMessagesPerPoll, 1, MAX_MESSAGES_PER_POLL);
    between("stableChecks", stableChecks, 2, 100);
  }

  private static void between(String option, int found, int least, int most) {
    if (found < least || found > most) {
      throw new IllegalArgumentException(
          "ISO-DICOM-640: found %s=%d, expected %d to %d".formatted(option, found, least, most));
    }
  }

  public boolean isPoll() {
    return poll;
  }

  public void setPoll(boolean poll) {
    this.poll = poll;
  }

  public Fetch getFetch() {
    return fetch;
  }

  public void setFetch(Fetch fetch) {
    this.fetch = fetch;
  }

  public ReadLock getReadLock() {
    return readLock;
  }

  public void setReadLock(ReadLock readLock) {
    this.readLock = readLock;
  }

  public int getStableChecks() {
    return stableChecks;
  }

  public void setStableChecks(int stableChecks) {
    this.stableChecks = stableChecks;
  }

  public int getMaxMessagesPerPoll() {
    return maxMessagesPerPoll;
  }

  public void setMaxMessagesPerPoll(int maxMessagesPerPoll) {
    this.maxMessagesPerPoll = maxMessagesPerPoll;
  }

  public boolean isIdempotent() {
    return idempotent;
  }

  public void setIdempotent(boolean idempotent) {
    this.idempotent = idempotent;
  }

  public IdempotentRepository getIdempotentRepository() {
    return idempotentRepository;
  }

  public void setIdempotentRepository(IdempotentRepository idempotentRepository) {
    this.idempotentRepository = idempotentRepository;
  }

  public Map<String, Object> getQuery() {
    return query;
  }

  public void setQuery(Map<String, Object> query) {
    this.query = Map.copyOf(query);
  }
}
