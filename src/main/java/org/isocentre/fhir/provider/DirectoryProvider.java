package org.isocentre.fhir.provider;

import ca.uhn.fhir.rest.annotation.ConditionalUrlParam;
import ca.uhn.fhir.rest.annotation.Create;
import ca.uhn.fhir.rest.annotation.History;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Patch;
import ca.uhn.fhir.rest.annotation.Read;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.annotation.Update;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.PatchTypeEnum;
import ca.uhn.fhir.rest.api.server.IBundleProvider;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import ca.uhn.fhir.rest.server.SimpleBundleProvider;
import java.util.List;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Resource;

/** A type of the trust directory: how it is written and read. How it is searched is its own. */
abstract class DirectoryProvider<T extends Resource> implements IResourceProvider {
  private final Class<T> type;
  final Door door;
  final Directory directory;
  private final DirectoryWrites<T> writes;

  DirectoryProvider(Class<T> type, Door door, Directory directory, DirectoryWrites<T> writes) {
    this.type = type;
    this.door = door;
    this.directory = directory;
    this.writes = writes;
  }

  @Override
  public Class<T> getResourceType() {
    return type;
  }

  /** One that is connected from now on. */
  @Create
  public MethodOutcome create(
      @ResourceParam IBaseResource resource,
      @ResourceParam String raw,
      @ConditionalUrlParam String condition) {
    return writes.create(raw, condition);
  }

  /** As it is from now on; one that is not there yet is made. */
  @Update
  public MethodOutcome update(
      @IdParam IdType id,
      @ResourceParam IBaseResource resource,
      @ResourceParam String raw,
      @ConditionalUrlParam String condition) {
    return writes.update(id, raw, condition);
  }

  /** The same by what is to be different. */
  @Patch
  public MethodOutcome patch(
      @IdParam IdType id,
      PatchTypeEnum kind,
      @ResourceParam String patch,
      @ConditionalUrlParam String condition) {
    return writes.patch(id, kind, patch, condition);
  }

  /** As it is, or was. */
  @Read(version = true)
  public IBaseResource read(@IdParam IdType id, RequestDetails call) {
    T own = own(id, call);
    if (own == null) {
      return writes.read(id);
    }
    door.reading(type.getSimpleName());
    return door.found(type.getSimpleName(), id.getIdPart(), List.of(own), null);
  }

  /** One that is of the hub itself, and in no directory; null for all others. */
  T own(IdType id, RequestDetails call) {
    return null;
  }

  @History
  public IBundleProvider history(@IdParam IdType id) {
    return new SimpleBundleProvider(writes.history(id));
  }
}
