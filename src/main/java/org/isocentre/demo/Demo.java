package org.isocentre.demo;

import java.io.PrintStream;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Profile;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Starts the two simulated trusts when the hub is up, plays the story, and stays. */
@Component
@Profile("demo")
class Demo {
  private final ServletWebServerApplicationContext web;
  private final int dicomPort;
  private final int mllpPort;
  private final int rj1Port;
  private final Path dataDir;
  private final boolean story;
  private final PrintStream out = System.out;
  private SimulatedPacs rth;
  private SimulatedPacs rj1;

  Demo(
      ServletWebServerApplicationContext web,
      @Value("${isocentre.dicom.port:11112}") int dicomPort,
      @Value("${isocentre.mllp.port:2575}") int mllpPort,
      @Value("${isocentre.demo.rj1-pacs-port}") int rj1Port,
      @Value("${isocentre.data-dir:./data}") Path dataDir,
      @Value("${isocentre.demo.story:true}") boolean story) {
    this.web = web;
    this.dicomPort = dicomPort;
    this.mllpPort = mllpPort;
    this.rj1Port = rj1Port;
    this.dataDir = dataDir;
    this.story = story;
  }

  @EventListener(ApplicationReadyEvent.class)
  void start() {
    rth = new SimulatedPacs("RTHPACS");
    rj1 = new SimulatedPacs("RJ1PACS");
    rj1.listen(rj1Port);
    Thread thread = new Thread(this::play, "demo-story");
    thread.setDaemon(true);
    thread.start();
  }

  private void play() {
    DemoStory.Ports ports =
        new DemoStory.Ports(web.getWebServer().getPort(), dicomPort, mllpPort, dataDir);
    try {
      if (story) {
        new DemoStory(out, ports, rth, rj1).play();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      out.println("      THE STORY STOPPED HERE: " + e.getMessage());
    }
    try {
      new DemoGuide(out, ports).print();
    } catch (java.io.IOException e) {
      out.println("The sample files could not be written: " + e.getMessage());
    }
  }

  @EventListener(ContextClosedEvent.class)
  void stop() {
    for (SimulatedPacs pacs : new SimulatedPacs[] {rth, rj1}) {
      if (pacs != null) {
        pacs.close();
      }
    }
  }
}
