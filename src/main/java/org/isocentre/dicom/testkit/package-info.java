/**
 * DICOM peers for tests, which misbehave as told: a scripted service class provider and a scripted
 * service class user. They hold whole messages in memory and are for tests alone.
 *
 * <pre>{@code
 * try (ScriptedScp pacs =
 *         new ScriptedScp()
 *             .on(Command.C_STORE_RQ, Reaction.status(Status.SUCCESS).after(Duration.ofMillis(50)))
 *             .nth(3, Command.C_STORE_RQ, Reaction.status(Status.OUT_OF_RESOURCES))
 *             .refuseSyntax("1.2.840.10008.1.2.4.90")
 *             .listen()) {
 *   // let the code under test send to 127.0.0.1, pacs.port()
 *   assertThat(pacs.requests(Command.C_STORE_RQ)).hasSize(4);
 * }
 * }</pre>
 */
package org.isocentre.dicom.testkit;
