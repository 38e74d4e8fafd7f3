package org.isocentre.fhir.subscription;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.consent.Access;
import org.isocentre.index.Criterion;
import org.isocentre.index.ResourceSearch;
import org.isocentre.index.Visibility;
import org.isocentre.model.Caller;
import org.isocentre.model.Right;
import org.isocentre.model.SubscriptionTopic;

/** What an event is about, as far as somebody may see it now. */
public final class Focus {
  private final Access access;
  private final ResourceSearch search;
  private final Reader reader;

  /** Reads one resource within what may be seen. */
  @FunctionalInterface
  public interface Reader {
    List<? extends Resource> read(String type, Visibility visible, List<String> ids);
  }

  public Focus(Access access, ResourceSearch search, Reader reader) {
    this.access = access;
    this.search = search;
    this.reader = reader;
  }

  /** Whether scopes open resources of a topic, to read and to find. */
  public boolean isOpen(Caller caller, SubscriptionTopic topic) {
    return access.may(caller, Right.READ, topic.type())
        && access.may(caller, Right.SEARCH, topic.type());
  }

  /** Whether there is one that the caller may see and that meets all. */
  boolean matches(Caller caller, SubscriptionTopic topic, UUID id, List<Criterion> all) {
    List<Criterion> criteria = new java.util.ArrayList<>(all);
    criteria.add(new Criterion.OneOf("_id", java.util.Set.of(id.toString()), false));
    return isOpen(caller, topic)
        && search.count(
                new ResourceSearch.Query(
                    topic.type(),
                    access.of(caller, Right.SEARCH, topic.type()),
                    java.util.Set.of(),
                    criteria,
                    List.of()))
            > 0;
  }

  /** Empty if the caller may not see it, or not any more. */
  public Optional<Resource> read(Caller caller, SubscriptionTopic topic, UUID id) {
    if (!isOpen(caller, topic)) {
      return Optional.empty();
    }
    Visibility visible = access.of(caller, Right.READ, topic.type());
    return reader.read(topic.type(), visible, List.of(id.toString())).stream()
        .findFirst()
        .map(Resource.class::cast);
  }
}
