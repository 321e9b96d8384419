/// One input of the fuzzer. Seeds are mails and dialogues as they are: what else a target has to choose comes from the
/// last octet, and where the input is cut into pieces from all of them.
package struct FuzzInput {
    package let octets: [UInt8]

    package init(_ octets: [UInt8]) { self.octets = octets }

    /// Eight choices.
    package func chooses(_ bit: UInt8) -> Bool { (octets.last ?? 0) >> bit & 1 != 0 }

    /// The octets in pieces of 1 to 40, the same ones for the same octets.
    package var pieces: [[UInt8]] { pieces(of: octets) }

    /// As above, of other octets.
    package func pieces(of whole: [UInt8]) -> [[UInt8]] {
        var generator = generator
        var result: [[UInt8]] = []
        var place = 0
        while place < whole.count {
            let length = Int(generator.next() % (generator.next() % 3 == 0 ? 3 : 40)) + 1
            let end = min(place + length, whole.count)
            result.append(Array(whole[place..<end]))
            place = end
        }
        return result
    }

    private var generator: SplitMix {
        SplitMix(state: octets.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
    }

    private struct SplitMix {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}

/// What a target is called, and what it does with an input. Whatever it finds wrong ends the process.
package struct FuzzTarget: Sendable {
    package let name: String
    /// Octets of the longest input that makes sense.
    package let longest: Int
    package let run: @Sendable (FuzzInput) -> Void

    package init(_ name: String, longest: Int, _ run: @escaping @Sendable (FuzzInput) -> Void) {
        (self.name, self.longest, self.run) = (name, longest, run)
    }
}

/// Ends the process with these words unless what must be is so.
package func must(_ condition: Bool, _ words: @autoclosure () -> String) {
    if !condition { fatalError(words()) }
}
