package org.isocentre.fhir.provider;

import ca.uhn.fhir.model.api.ResourceMetadataKeyEnum;
import ca.uhn.fhir.model.primitive.InstantDt;
import ca.uhn.fhir.model.valueset.BundleEntrySearchModeEnum;
import ca.uhn.fhir.rest.api.server.IBundleProvider;
import ca.uhn.fhir.rest.server.exceptions.ForbiddenOperationException;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.function.Function;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.instance.model.api.IPrimitiveType;
import org.hl7.fhir.r4.model.Resource;
import org.isocentre.index.PageRequest;
import org.isocentre.model.Caller;

/**
 * A search of which one page at a time is read from the index. Its pages belong to who searched.
 */
final class SearchResult implements IBundleProvider {
  private static final int PREFERRED_PAGE = 20;
  private final Door door;
  private final Caller owner;
  private final int total;
  private final Function<PageRequest, List<? extends Resource>> matches;
  private final Function<List<? extends Resource>, List<? extends Resource>> included;
  private final Date published = new Date();

  SearchResult(
      Door door,
      int total,
      Function<PageRequest, List<? extends Resource>> matches,
      Function<List<? extends Resource>, List<? extends Resource>> included) {
    this.door = door;
    this.owner = door.caller();
    this.total = total;
    this.matches = matches;
    this.included = included;
  }

  @Override
  public List<IBaseResource> getResources(int from, int to) {
    Caller now = door.caller();
    if (!now.subject().equals(owner.subject())
        || !java.util.Objects.equals(now.nhsNumber(), owner.nhsNumber())) {
      throw new ForbiddenOperationException(
          "ISO-FHIR-004: these pages belong to another token's search; search again");
    }
    List<? extends Resource> page =
        matches.apply(
            new PageRequest(from, Math.max(0, Math.min(to - from, PageRequest.MAX_LIMIT))));
    List<IBaseResource> all = new ArrayList<>(page);
    for (Resource extra : included.apply(page)) {
      ResourceMetadataKeyEnum.ENTRY_SEARCH_MODE.put(extra, BundleEntrySearchModeEnum.INCLUDE);
      all.add(extra);
    }
    return all;
  }

  @Override
  public Integer size() {
    return total;
  }

  @Override
  public Integer preferredPageSize() {
    return PREFERRED_PAGE;
  }

  @Override
  public IPrimitiveType<Date> getPublished() {
    return new InstantDt(published);
  }

  @Override
  public String getUuid() {
    return null;
  }
}
