package org.isocentre.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/** Prints how to talk to the running demo, and writes the files that the lines name. */
final class DemoGuide {
  private final PrintStream out;
  private final DemoStory.Ports ports;

  DemoGuide(PrintStream out, DemoStory.Ports ports) {
    this.out = out;
    this.ports = ports;
  }

  void print() throws IOException {
    Path samples = Files.createDirectories(ports.dataDir().resolve("demo"));
    LocalDateTime now =
        LocalDateTime.now(ZoneId.of("Europe/London")).truncatedTo(ChronoUnit.SECONDS);
    DemoPatient patient = DemoPatient.PHANTOM;
    PhantomStudy study = PhantomStudy.ct(patient, "DEMO-1", now, 1);
    Path image = samples.resolve("ct.dcm");
    study.objects().get(0).writeTo(image);
    Path order = samples.resolve("order.hl7");
    Files.writeString(
        order,
        new SimulatedRis("RTH", ports.mllp())
            .order(
                patient,
                new SimulatedRis.Imaging("DEMO-P1", "DEMO-F1", "DEMO-1", "CTHEAD", "CT head", "CT"),
                "RJ1",
                now));
    String hub = "http://localhost:" + ports.http();
    out.println(
        """

        The hub is up. Stop it with Ctrl-C. How to talk to it, from another shell in this directory:

        # DICOM: any AE title may send from this machine
        echoscu -aec ISOCENTRE localhost %2$d
        storescu -v -aec ISOCENTRE localhost %2$d %4$s

        findscu -S -aec ISOCENTRE -k QueryRetrieveLevel=STUDY -k AccessionNumber=DEMO-1 -k PatientName -k StudyInstanceUID localhost %2$d
        getscu -v -S -aec ISOCENTRE -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=%7$s localhost %2$d
        movescu -v -S -aec ISOCENTRE -aem RJ1PACS -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=%7$s localhost %2$d

        # HL7 v2 over MLLP; the order is then on the worklist
        mllp_send --loose --file %5$s --port %3$d localhost
        findscu -W -aec ISOCENTRE -k AccessionNumber=DEMO-1 -k PatientName -k "ScheduledProcedureStepSequence[0].Modality" localhost %2$d

        # A system's token (client demo-system, secret demo), then FHIR, DICOMweb and staff calls
        TOKEN=$(curl -s -u demo-system:demo -d grant_type=client_credentials --data-urlencode 'scope=system/*.read system/*.write' %1$s/oauth2/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
        curl -s -H "Authorization: Bearer $TOKEN" '%1$s/fhir/ImagingStudy?patient:identifier=https://fhir.nhs.uk/Id/nhs-number|%6$s&_include=ImagingStudy:basedon'
        curl -s -H "Authorization: Bearer $TOKEN" '%1$s/fhir/Task'
        curl -s -H "Authorization: Bearer $TOKEN" '%1$s/dicomweb/studies?AccessionNumber=DEMO-1'
        curl -s -H "Authorization: Bearer $TOKEN" -o study.multipart '%1$s/dicomweb/studies/%7$s'
        curl -s -H "Authorization: Bearer $TOKEN" '%1$s/api/transfers'
        curl -s -H "Authorization: Bearer $TOKEN" '%1$s/api/reviews'
        curl -s -H "Authorization: Bearer $TOKEN" '%1$s/api/messages?limit=5'
        curl -s -H "Authorization: Bearer $TOKEN" '%1$s/api/outbound/destinations'

        # A patient's page, and the CT in a viewer: open %1$s/ in a browser and type %6$s
        curl -s -H "Authorization: Bearer $TOKEN" -o ct.jpg '%1$s/dicomweb/studies/%7$s/thumbnail'

        # A patient's token: public client demo-patient-app, authorization code with PKCE, any loopback redirect;
        # at the form type an NHS number that the hub knows, such as %6$s
        curl -s -c jar -o /dev/null '%1$s/oauth2/authorize?response_type=code&client_id=demo-patient-app&redirect_uri=http://127.0.0.1:9/cb&scope=patient/*.read&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256'
        CODE=$(curl -s -b jar -c jar -L -o /dev/null -w '%%{url_effective}' --max-redirs 3 -d nhs_number=%6$s '%1$s/login' | sed -n 's/.*[?&]code=\\([^&]*\\).*/\\1/p')
        PATIENT=$(curl -s -d grant_type=authorization_code -d client_id=demo-patient-app -d redirect_uri=http://127.0.0.1:9/cb -d code="$CODE" -d code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk %1$s/oauth2/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
        curl -s -H "Authorization: Bearer $PATIENT" '%1$s/fhir/ImagingStudy'
        """
            .formatted(
                hub,
                ports.dicom(),
                ports.mllp(),
                image,
                order,
                patient.nhsNumber(),
                study.studyInstanceUid()));
  }
}
