import Testing

@testable import Settings

@Suite struct MutationTests {
    /// SplitMix64: the same seed, the same mutations.
    struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let insertions = [
        "\n", " ", ":", "-", "[", "]", "{", "}", "\"", "'", "#", "&a ", "*a", "!", "|", ">", "~", ",", "\t", "0",
        "9999999999999999999",
        "\u{0}", "\u{E000}", "\u{2028}", "ż", "{number}", "/", "smtp: ", "all: ", "? ", "<<: ",
    ]

    static func mutated(_ text: String, using generator: inout Seeded) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !scalars.isEmpty {
            let place = Int.random(in: 0..<scalars.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: scalars.remove(at: place)
            case 1:
                let insertion = insertions.randomElement(using: &generator) ?? ""
                scalars.insert(contentsOf: Array(insertion.unicodeScalars), at: place)
            case 2:
                let end = min(scalars.count, place + Int.random(in: 1...60, using: &generator))
                scalars.insert(contentsOf: Array(scalars[place..<end]), at: place)
            default:
                let end = min(scalars.count, place + Int.random(in: 1...30, using: &generator))
                scalars.removeSubrange(place..<end)
            }
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    @Test(arguments: [UInt64.random(in: 0 ... .max), 1]) func `a mangled example is accepted or has problems`(
        seed: UInt64
    ) {
        var generator = Seeded(state: seed)
        for _ in 0..<400 {
            let machine = Self.mutated(Examples.machine, using: &generator)
            let (settings, problems) = MachineFile.parse(machine, fileName: "stempel.yaml")
            #expect(settings != nil || !problems.isEmpty, "seed \(seed)")
            let text = Self.mutated(Examples.desk, using: &generator)
            let (desk, deskProblems) = DeskFile.parse(text, fileName: "desk.yaml")
            #expect((desk == nil) == !deskProblems.isEmpty, "seed \(seed)")
            guard let desk else { continue }
            let again = DeskFile.parse(DeskFile.write(desk), fileName: "export")
            #expect(again.desk == DeskFileTests.withoutPasswords(desk), "seed \(seed): \(again.problems)\n\(text)")
        }
    }
}
