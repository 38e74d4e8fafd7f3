package org.isocentre.fhir.map;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Base;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.PractitionerRole;
import org.hl7.fhir.r4.model.Property;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.ServiceRequest.ServiceRequestIntent;
import org.isocentre.model.AccessionKey;
import org.isocentre.model.Code;
import org.isocentre.model.OrderRequest;
import org.isocentre.model.OrderRequest.Field;
import org.isocentre.model.OrderStatus;
import org.isocentre.model.PatientDemographics;
import org.isocentre.model.PersonName;
import org.isocentre.model.Practitioner;
import org.isocentre.model.ScheduledStep;

/**
 * FHIR R4 ServiceRequest to an order, the way back of {@link ServiceRequestMapper}. What an order
 * does not keep is refused by name: nothing is lost without a word.
 */
public final class ServiceRequestToOrder {
  private static final ZoneId LOCAL = ZoneId.of("Europe/London");
  private static final int MAX_NUMBER = 64;
  private static final int MAX_REASON = 4000;
  private static final String IMAGING = "363679005";

  /** Elements that are read, or that say nothing of the order. */
  private static final Set<String> READ =
      Set.of(
          "id",
          "meta",
          "language",
          "text",
          "contained",
          "identifier",
          "status",
          "intent",
          "category",
          "priority",
          "code",
          "orderDetail",
          "subject",
          "occurrence[x]",
          "authoredOn",
          "requester",
          "performer",
          "reasonCode");

  /** Elements that turn the meaning of the others round, so they are never passed over. */
  private static final Set<String> MODIFIERS =
      Set.of("implicitRules", "modifierExtension", "doNotPerform");

  private final ServiceRequest resource;
  private final ServiceRequest now;
  private final boolean severalSteps;
  private final String custodian;
  private final Function<Reference, IBaseResource> resolved;
  private final List<String> unkept = new ArrayList<>();
  private final Set<Field> deleted = EnumSet.noneOf(Field.class);

  /**
   * What is known beside the resource.
   *
   * @param custodian ODS code of the organisation whose order it is
   * @param number placer number of a new order that names none
   * @param patient whose it is
   * @param resolved the Practitioner or PractitionerRole that a reference leads to, or null
   * @param key keeps the resource as it came, once it is known to be taken, and says where
   * @param at when it came
   * @param lenient whether what an order does not keep is passed over
   */
  public record Context(
      String custodian,
      String number,
      PatientDemographics patient,
      Function<Reference, IBaseResource> resolved,
      Supplier<String> key,
      Instant at,
      boolean lenient) {}

  private ServiceRequestToOrder(
      ServiceRequest resource, ServiceRequest now, boolean severalSteps, Context context) {
    this.resource = resource;
    this.now = now;
    this.severalSteps = severalSteps;
    this.custodian = context.custodian();
    this.resolved = context.resolved();
  }

  /**
   * A new order.
   *
   * @throws UnacceptableException if it is no order, or one that says more than an order keeps
   */
  public static OrderRequest map(ServiceRequest resource, Context context) {
    return new ServiceRequestToOrder(resource, new ServiceRequest(), false, context).map(context);
  }

  /**
   * What an order is to be. Elements that are as they were say nothing: where an order has more
   * than its resource shows, that stays.
   *
   * @param now as it is read
   * @param severalSteps whether it has several procedure steps, whose parts no resource tells apart
   * @throws UnacceptableException as {@link #map(ServiceRequest, Context)}
   */
  public static OrderRequest map(
      ServiceRequest resource, ServiceRequest now, boolean severalSteps, Context context) {
    return new ServiceRequestToOrder(resource, now, severalSteps, context).map(context);
  }

  private static UnacceptableException no(String why) {
    return new UnacceptableException(why);
  }

  private OrderRequest map(Context context) {
    elements();
    Numbers numbers = isAsItWas("identifier") ? new Numbers() : numbers();
    if (!now.hasIdentifier() && numbers.placer == null && numbers.filler == null) {
      numbers.placer = new Number(custodian, context.number());
    }
    Requester requester = isAsItWas("requester") ? Requester.NOBODY : requester();
    Code procedure = isAsItWas("code") ? null : procedure();
    String modality = isAsItWas("orderDetail") ? null : modality();
    String priority = isAsItWas("priority") ? null : priority();
    String reason = isAsItWas("reasonCode") ? null : reason();
    OrderStatus status = status();
    ScheduledStep step = step(context.at());
    if (!unkept.isEmpty() && !context.lenient()) {
      throw no(
          "an order does not keep "
              + String.join(", ", unkept)
              + "; leave it out, or send Prefer: handling=lenient to have it passed over");
    }
    return new OrderRequest(
        custodian,
        numbers.placer == null ? null : numbers.placer.value(),
        numbers.placer == null ? custodian : numbers.placer.issuer(),
        numbers.filler == null ? null : numbers.filler.value(),
        numbers.filler == null ? custodian : numbers.filler.issuer(),
        numbers.accession,
        numbers.study,
        context.patient(),
        procedure,
        modality,
        priority,
        reason,
        requester.code(),
        requester.name(),
        requester.organisation(),
        status,
        authored(context.at()),
        context.key().get(),
        context.at(),
        step,
        numbers.ubrn,
        deleted);
  }

  /**
   * The ODS code of who performs.
   *
   * @throws UnacceptableException if there is none
   */
  public static String performer(Reference reference) {
    return ods(reference, "performer");
  }

  private boolean isAsItWas(String element) {
    List<Base> before = values(now, element);
    List<Base> after = values(resource, element);
    boolean same = before.size() == after.size();
    for (int i = 0; same && i < before.size(); i++) {
      same = before.get(i).equalsDeep(after.get(i));
    }
    if (!same && severalSteps && Set.of("identifier", "orderDetail").contains(element)) {
      throw no(
          element
              + " cannot be changed: the order has several procedure steps, each with its own; send"
              + " an HL7 v2 message");
    }
    return same;
  }

  private static List<Base> values(ServiceRequest of, String element) {
    return of.getNamedProperty(element).getValues();
  }

  private void elements() {
    if (resource.getIntent() != ServiceRequestIntent.ORDER) {
      throw no("intent must be order");
    }
    for (Property property : resource.children()) {
      String name = property.getName();
      if (!property.hasValues() || READ.contains(name)) {
        continue;
      }
      if (MODIFIERS.contains(name)
          && !(name.equals("doNotPerform") && !resource.getDoNotPerform())) {
        throw no(name + " is not taken: it would turn round what the order says");
      }
      if (!MODIFIERS.contains(name) && !isAsItWas(name)) {
        unkept.add(name);
      }
    }
    if (resource.hasCategory()
        && resource.getCategory().stream().noneMatch(c -> c.hasCoding(Systems.SNOMED, IMAGING))) {
      throw no("category must be imaging (SNOMED CT " + IMAGING + "), or left out");
    }
    if (resource.getCategory().size() > 1) {
      unkept.add("category but imaging");
    }
    for (Reference performer : resource.getPerformer()) {
      if (!custodian.equals(performer(performer))) {
        throw no("performer must be the organisation whose order it is, " + custodian);
      }
    }
  }

  private OrderStatus status() {
    if (!resource.hasStatus()) {
      throw no("status is missing");
    }
    return Stream.of(OrderStatus.values())
        .filter(s -> s.code().equals(resource.getStatus().toCode()))
        .findFirst()
        .orElseThrow(() -> no("status must be one of an order that was made, such as active"));
  }

  /** A number and who issued it. */
  private record Number(String issuer, String value) {}

  /** Those that identifiers say. */
  private static final class Numbers {
    private Number placer;
    private Number filler;
    private AccessionKey accession;
    private String study;
    private String ubrn;
  }

  private Numbers numbers() {
    Numbers numbers = new Numbers();
    for (Identifier identifier : resource.getIdentifier()) {
      add(numbers, identifier);
    }
    for (String kind : List.of(Systems.PLACER, Systems.FILLER)) {
      List<Identifier> before =
          now.getIdentifier().stream().filter(i -> i.getSystem().startsWith(kind)).toList();
      Number after = kind.equals(Systems.PLACER) ? numbers.placer : numbers.filler;
      if (!before.isEmpty()
          && (after == null
              || !before.get(0).getSystem().equals(kind + after.issuer())
              || !before.get(0).getValue().equals(after.value()))) {
        throw no(
            "identifier: the number by which an order is known ("
                + kind
                + "…) stays; revoke this one and make another");
      }
    }
    delete(Field.ACCESSION, numbers.accession);
    delete(Field.STUDY_INSTANCE_UID, numbers.study);
    delete(Field.UBRN, numbers.ubrn);
    return numbers;
  }

  private void delete(Field field, Object value) {
    if (value == null) {
      deleted.add(field);
    }
  }

  private void add(Numbers numbers, Identifier identifier) {
    String system = identifier.getSystem() == null ? "" : identifier.getSystem();
    if (system.startsWith(Systems.PLACER)) {
      numbers.placer = once(numbers.placer, number(Systems.PLACER, identifier));
    } else if (system.startsWith(Systems.FILLER)) {
      numbers.filler = once(numbers.filler, number(Systems.FILLER, identifier));
    } else if (system.startsWith(Systems.ACCESSION)) {
      Number number = number(Systems.ACCESSION, identifier);
      numbers.accession =
          once(numbers.accession, new AccessionKey(number.issuer(), number.value()));
    } else if (system.equals(Systems.UBRN)) {
      if (!Objects.requireNonNullElse(identifier.getValue(), "").matches("[0-9]{12}")) {
        throw no("identifier: a UBRN has twelve digits");
      }
      numbers.ubrn = once(numbers.ubrn, identifier.getValue());
    } else if (system.equals(Systems.DICOM_UID)) {
      String uid =
          Objects.requireNonNullElse(identifier.getValue(), "")
              .replaceFirst("\\A" + Systems.OID, "");
      if (!uid.matches("[0-9.]{1,64}")) {
        throw no("identifier: a Study Instance UID is urn:oid: and at most 64 digits and dots");
      }
      numbers.study = once(numbers.study, uid);
    } else {
      unkept.add(
          "identifier of a system other than " + Systems.PLACER + custodian + " and its like");
    }
  }

  private static <T> T once(T before, T value) {
    if (before != null) {
      throw no("identifier: two of one kind");
    }
    return value;
  }

  private static Number number(String kind, Identifier identifier) {
    String issuer = identifier.getSystem().substring(kind.length());
    String value = identifier.getValue();
    if (value == null || value.isBlank() || value.length() > MAX_NUMBER) {
      throw no(
          "identifier: no value, or one of more than " + MAX_NUMBER + " characters, of " + kind);
    }
    if (!issuer.matches("[A-Za-z0-9.-]{1,64}")) {
      throw no("identifier: after " + kind + " comes the ODS code of who issued it");
    }
    return new Number(issuer, value.strip());
  }

  private Code procedure() {
    if (!resource.hasCode()) {
      deleted.add(Field.PROCEDURE);
      return null;
    }
    CodeableConcept concept = resource.getCode();
    if (concept.getCoding().size() > 1) {
      unkept.add("code.coding but the first");
    }
    Coding coding = concept.getCodingFirstRep();
    String display = coding.hasDisplay() ? coding.getDisplay() : concept.getText();
    if (concept.hasText() && coding.hasDisplay() && !concept.getText().equals(display)) {
      unkept.add("code.text beside the display");
    }
    String system = coding.getSystem();
    if (coding.hasCode() && system == null) {
      throw no("code.coding has no system");
    }
    String own = "urn:isocentre:codes:";
    String name =
        Systems.SNOMED.equals(system)
            ? "SCT"
            : system != null && system.startsWith(own) ? system.substring(own.length()) : system;
    return new Code(coding.getCode(), name, display);
  }

  private String modality() {
    List<Coding> codings =
        resource.getOrderDetail().stream().flatMap(d -> d.getCoding().stream()).toList();
    List<String> modalities =
        codings.stream()
            .filter(c -> Systems.DCM.equals(c.getSystem()))
            .map(Coding::getCode)
            .filter(Objects::nonNull)
            .toList();
    if (modalities.size() != resource.getOrderDetail().size() || modalities.size() > 1) {
      unkept.add("orderDetail but one modality of " + Systems.DCM);
    }
    String modality = modalities.isEmpty() ? null : modalities.get(0);
    delete(Field.MODALITY, modality);
    return modality;
  }

  private String priority() {
    if (resource.hasPriority()) {
      return resource.getPriority().toCode();
    }
    deleted.add(Field.PRIORITY);
    return null;
  }

  private String reason() {
    String reason =
        resource.getReasonCode().stream()
            .map(
                r ->
                    r.hasText()
                        ? r.getText()
                        : r.getCoding().stream()
                            .map(c -> c.hasDisplay() ? c.getDisplay() : c.getCode())
                            .filter(Objects::nonNull)
                            .findFirst()
                            .orElse(""))
            .filter(text -> !text.isBlank())
            .collect(Collectors.joining("\n"));
    if (reason.length() > MAX_REASON) {
      throw no("reasonCode: more than " + MAX_REASON + " characters");
    }
    if (resource.getReasonCode().stream().anyMatch(r -> r.hasText() && r.hasCoding())) {
      unkept.add("reasonCode.coding beside a text");
    }
    delete(Field.REASON, reason.isEmpty() ? null : reason);
    return reason.isEmpty() ? null : reason;
  }

  private Instant authored(Instant at) {
    if (resource.hasAuthoredOn()) {
      return resource.getAuthoredOn().toInstant();
    }
    return now.hasAuthoredOn() ? null : at;
  }

  /** A day alone is its beginning, as in HL7 v2. */
  private ScheduledStep step(Instant at) {
    LocalDateTime start = null;
    if (!isAsItWas("occurrence")) {
      if (!resource.hasOccurrence()) {
        deleted.add(Field.START);
      } else if (resource.getOccurrence() instanceof DateTimeType time
          && time.getValueAsString().length() >= "YYYY-MM-DD".length()) {
        start = LocalDateTime.ofInstant(time.getValue().toInstant(), LOCAL);
      } else {
        throw no("occurrence must be a dateTime, at least to the day");
      }
    }
    return new ScheduledStep(
        start,
        now.hasStatus() ? null : LocalDateTime.ofInstant(at, LOCAL),
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  /** Who asks. */
  private record Requester(String code, PersonName name, String organisation) {
    static final Requester NOBODY = new Requester(null, null, null);
  }

  private Requester requester() {
    Reference reference = resource.getRequester();
    IBaseResource target = resolved.apply(reference);
    Requester requester;
    if (target instanceof PractitionerRole role) {
      Requester who = clinician(role.getPractitioner(), resolved.apply(role.getPractitioner()));
      requester =
          new Requester(
              who.code(),
              who.name(),
              role.hasOrganization() ? ods(role.getOrganization(), "requester") : null);
    } else if (isOrganisation(reference)) {
      requester = new Requester(null, display(reference), ods(reference, "requester"));
    } else {
      requester = clinician(reference, target);
    }
    if (requester.code() == null && requester.name() == null) {
      deleted.add(Field.REFERRER);
    }
    delete(Field.REFERRING_ORGANISATION, requester.organisation());
    return requester;
  }

  private Requester clinician(Reference reference, IBaseResource target) {
    if (target instanceof org.hl7.fhir.r4.model.Practitioner p) {
      String code =
          p.getIdentifier().stream()
              .filter(this::isOfAClinician)
              .findFirst()
              .map(this::code)
              .orElse(null);
      return new Requester(code, SubjectReader.name(p.getNameFirstRep()), null);
    }
    if (reference.hasReference()) {
      throw no(
          "requester: no Practitioner, PractitionerRole or Organization that this token may read,"
              + " nor one that is contained");
    }
    Identifier identifier = reference.getIdentifier();
    if (!identifier.isEmpty() && !isOfAClinician(identifier)) {
      throw no(
          "requester: the identifier is of no system for clinicians; send "
              + Stream.of(Systems.GMC, Systems.SDS_USER, Systems.CLINICIAN + custodian)
                  .collect(Collectors.joining(", ")));
    }
    return new Requester(identifier.isEmpty() ? null : code(identifier), display(reference), null);
  }

  private boolean isOfAClinician(Identifier identifier) {
    String system = identifier.getSystem();
    return Systems.GMC.equals(system)
        || Systems.SDS_USER.equals(system)
        || (Systems.CLINICIAN + custodian).equals(system);
  }

  private String code(Identifier identifier) {
    String value = Objects.requireNonNullElse(identifier.getValue(), "").strip();
    boolean fits =
        !value.isEmpty()
            && value.length() <= MAX_NUMBER
            && PractitionerMapper.identifier(Practitioner.Key.of(value, custodian))
                .getSystem()
                .equals(identifier.getSystem());
    if (!fits) {
      throw no("requester: the identifier's value is none of its system");
    }
    return value;
  }

  private static PersonName display(Reference reference) {
    return reference.hasDisplay() ? new PersonName(reference.getDisplay(), null, null) : null;
  }

  private static boolean isOrganisation(Reference reference) {
    return reference.getReferenceElement().getResourceType() != null
        ? reference.getReferenceElement().getResourceType().equals("Organization")
        : Systems.ODS.equals(reference.getIdentifier().getSystem());
  }

  private static String ods(Reference reference, String element) {
    String code =
        Systems.ODS.equals(reference.getIdentifier().getSystem())
            ? reference.getIdentifier().getValue()
            : isOrganisation(reference) ? reference.getReferenceElement().getIdPart() : null;
    if (code == null || !code.matches("[A-Za-z0-9.-]{1,64}")) {
      throw no(element + ": an organisation is named by its ODS code (" + Systems.ODS + ")");
    }
    return code;
  }
}
