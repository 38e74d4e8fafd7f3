package org.isocentre.fhir;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import org.hl7.fhir.instance.model.api.IBaseConformance;
import org.hl7.fhir.r4.model.CanonicalType;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.isocentre.model.SubscriptionTopic;

/** Names the topics that one may subscribe to (Subscriptions R5 Backport, R4 servers). */
@Interceptor
public final class SubscriptionCapabilities {
  private static final String TOPIC =
      "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/capabilitystatement-subscriptiontopic-canonical";

  /** For the server. */
  @Hook(Pointcut.SERVER_CAPABILITY_STATEMENT_GENERATED)
  public void describe(IBaseConformance statement) {
    ((CapabilityStatement) statement)
        .getRest().stream()
            .flatMap(rest -> rest.getResource().stream())
            .filter(resource -> resource.getType().equals("Subscription"))
            .forEach(
                resource -> {
                  for (SubscriptionTopic topic : SubscriptionTopic.values()) {
                    resource.addExtension(TOPIC, new CanonicalType(topic.canonical()));
                  }
                });
  }
}
