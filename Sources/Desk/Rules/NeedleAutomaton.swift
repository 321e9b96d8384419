/// Finds which of many texts occur in another by going through that one once (the machine of Aho and Corasick).
struct NeedleAutomaton: Sendable {
    /// Entries of the table of transitions, of four octets each.
    private static let tableLimit = 1 << 20

    /// The column of an octet; 0: it occurs in no needle.
    private var columns = [UInt8](repeating: 0, count: 256)
    private var width = 1
    /// The state after a state and a column: `transitions[state * width + column]`. 0 is the beginning.
    private var transitions: [Int32] = []
    /// By state, the numbers of the needles that end here.
    private var ends: [[Int]] = []
    /// By state, this one or the nearest one that stands for an end of the same text, at which needles end; 0: none.
    private var found: [Int32] = []
    /// By state, the nearest one that stands for a shorter end of the same text.
    private var suffixes: [Int32] = []
    /// The numbers of needles that there was no room for.
    private(set) var rejected: [Int] = []

    /// Needles are not empty; several may have the same number.
    init(_ needles: [(needle: [UInt8], rule: Int)]) {
        guard !needles.isEmpty else { return }
        for (needle, _) in needles {
            // 256 octets and the column for all others do not fit into an octet; UTF-8 never has 0xFF.
            for octet in needle where columns[Int(octet)] == 0 && width < 256 {
                columns[Int(octet)] = UInt8(width)
                width += 1
            }
        }
        addState()
        for (needle, rule) in needles { add(needle, rule) }
        connect()
    }

    private mutating func addState() {
        transitions.append(contentsOf: repeatElement(0, count: width))
        ends.append([])
        found.append(0)
        suffixes.append(0)
    }

    private mutating func add(_ needle: [UInt8], _ rule: Int) {
        guard transitions.count + needle.count * width <= Self.tableLimit, needle.allSatisfy({ columns[Int($0)] != 0 }) else {
            rejected.append(rule)
            return
        }
        var state = 0
        for octet in needle {
            let place = state * width + Int(columns[Int(octet)])
            if transitions[place] == 0 {
                transitions[place] = Int32(ends.count)
                addState()
            }
            state = Int(transitions[place])
        }
        ends[state].append(rule)
    }

    /// Completes the tree of needles level by level: where a needle does not go on, its longest end that begins another
    /// one does.
    private mutating func connect() {
        var level = [0]
        while !level.isEmpty {
            var next: [Int] = []
            for state in level {
                let suffix = Int(suffixes[state])
                found[state] = ends[state].isEmpty ? found[suffix] : Int32(state)
                for column in 1..<max(width, 1) {
                    let place = state * width + column
                    let fallback = state == 0 ? 0 : transitions[suffix * width + column]
                    if transitions[place] == 0 {
                        transitions[place] = fallback
                    } else {
                        suffixes[Int(transitions[place])] = fallback
                        next.append(Int(transitions[place]))
                    }
                }
            }
            level = next
        }
    }

    /// Tells the numbers of all needles in a text, each at least once.
    func search(_ text: [UInt8], _ tell: (Int) -> Void) {
        guard !ends.isEmpty else { return }
        var state = 0
        for octet in text {
            state = Int(transitions[state * width + Int(columns[Int(octet)])])
            var end = Int(found[state])
            while end != 0 {
                for rule in ends[end] { tell(rule) }
                end = Int(found[Int(suffixes[end])])
            }
        }
    }
}
