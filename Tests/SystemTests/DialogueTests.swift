import Testing

/// Speaks every file of Fixtures/Dialogues to an appliance of its own desk.
@Suite struct DialogueTests {
    @Test(arguments: Fixtures.dialogues) func `a dialogue goes as it is written down`(name: String) throws {
        let file = try DialogueFile(Fixtures.text("Dialogues/\(name)"))
        let appliance = try TestInstallation().start()
        try file.speak(to: appliance)
        #expect(try appliance.terminate() == .exited(0))
    }
}
