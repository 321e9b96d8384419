/// Messages under messages, made by `ThreadTable`. Nodes up to the number of messages are messages; those above are
/// dummies, which stand at the top only and hold messages together that have no common parent.
struct ThreadTree: Sendable {
    private static let none: Int32 = -1

    private let uids: [UInt32]
    private var dates: [Int64]
    private var parents: [Int32]
    private var isGone: [Bool]
    /// First and next of siblings in their order, made by `sortSiblings`; the last entry is for the top.
    private var firstChildren: [Int32] = []
    private var nextSiblings: [Int32] = []

    init(uids: [UInt32], dates: [Int64]) {
        (self.uids, self.dates) = (uids, dates)
        parents = [Int32](repeating: Self.none, count: uids.count)
        isGone = [Bool](repeating: false, count: uids.count)
    }

    mutating func newDummy() -> Int {
        dates.append(.max)
        parents.append(Self.none)
        isGone.append(false)
        return parents.count - 1
    }

    mutating func attach(_ node: Int, to parent: Int) { parents[node] = Int32(parent) }

    private func isDummy(_ node: Int) -> Bool { node >= uids.count }

    /// Step 3: a dummy with one child gives its place to that.
    mutating func dissolveSingleDummies() {
        let counts = childCounts()
        for node in uids.indices where parents[node] != Self.none {
            let parent = Int(parents[node])
            guard isDummy(parent), counts[parent] == 1 else { continue }
            parents[node] = Self.none
            isGone[parent] = true
        }
    }

    private func childCounts() -> [Int32] {
        var counts = [Int32](repeating: 0, count: parents.count)
        for parent in parents where parent != Self.none { counts[Int(parent)] += 1 }
        return counts
    }

    // MARK: Subjects

    /// ORDEREDSUBJECT: all messages of a subject under the eldest of them.
    mutating func gather(bySubject subjects: [Int32]) {
        var eldest: [Int32: Int] = [:]
        for node in ordered(Array(uids.indices)) {
            if let first = eldest[subjects[node]] { attach(node, to: first) } else { eldest[subjects[node]] = node }
        }
    }

    /// REFERENCES step 5: threads of one subject come together, 0 being the empty subject, which joins nothing.
    mutating func gather(roots subjects: [Int32], isReply: [Bool]) {
        let firstChildren = firstChildrenOfDummies()
        for node in uids.count..<parents.count where !isGone[node] { dates[node] = dates[firstChildren[node - uids.count]] }
        let roots = ordered(parents.indices.filter { parents[$0] == Self.none && !isGone[$0] }) { node in
            isDummy(node) ? firstChildren[node - uids.count] : node
        }
        func subject(_ root: Int) -> Int32 { subjects[isDummy(root) ? firstChildren[root - uids.count] : root] }
        var table: [Int32: Int] = [:]
        for root in roots where subject(root) != 0 {
            guard let known = table[subject(root)] else {
                table[subject(root)] = root
                continue
            }
            if !isDummy(known), isDummy(root) || (isReply[known] && !isReply[root]) { table[subject(root)] = root }
        }
        var moved: [(child: Int, dummy: Int)] = []
        for root in roots where subject(root) != 0 {
            guard let known = table[subject(root)], known != root else { continue }
            if isDummy(root) {
                moved.append((root, known))
            } else if isDummy(known) || (isReply[root] && !isReply[known]) {
                attach(root, to: known)
            } else {
                let dummy = newDummy()
                attach(root, to: dummy)
                attach(known, to: dummy)
                table[subject(root)] = dummy
            }
        }
        join(moved)
    }

    /// Of two dummies one takes the other's children.
    private mutating func join(_ moved: [(child: Int, dummy: Int)]) {
        guard !moved.isEmpty else { return }
        var targets: [Int32: Int32] = [:]
        for (child, dummy) in moved {
            targets[Int32(child)] = Int32(dummy)
            isGone[child] = true
        }
        for node in parents.indices { if let target = targets[parents[node]] { parents[node] = target } }
    }

    private func firstChildrenOfDummies() -> [Int] {
        var first = [Int](repeating: 0, count: parents.count - uids.count)
        var isKnown = [Bool](repeating: false, count: first.count)
        for node in uids.indices where parents[node] >= uids.count {
            let dummy = Int(parents[node]) - uids.count
            if !isKnown[dummy] || dates[node] < dates[first[dummy]] { first[dummy] = node }
            isKnown[dummy] = true
        }
        return first
    }

    // MARK: Order

    /// By date, then by sequence number; `stand` says which message's number counts.
    private func ordered(_ nodes: [Int], stand: (Int) -> Int = { $0 }) -> [Int] {
        nodes.map { (date: dates[$0], stand: stand($0), node: $0) }
            .sorted { ($0.date, $0.stand) < ($1.date, $1.stand) }
            .map(\.node)
    }

    /// Steps 4 and 6: siblings in the order of their dates, a dummy's being that of its first child.
    mutating func sortSiblings() {
        let first = firstChildrenOfDummies()
        for node in uids.count..<parents.count where !isGone[node] { dates[node] = dates[first[node - uids.count]] }
        let order = ordered(parents.indices.filter { !isGone[$0] }) { isDummy($0) ? first[$0 - uids.count] : $0 }
        firstChildren = [Int32](repeating: Self.none, count: parents.count + 1)
        nextSiblings = [Int32](repeating: Self.none, count: parents.count)
        for node in order.reversed() {
            let parent = parents[node] == Self.none ? parents.count : Int(parents[node])
            nextSiblings[node] = firstChildren[parent]
            firstChildren[parent] = Int32(node)
        }
    }

    // MARK: Writing

    /// The threads as the THREAD response shows them (RFC 5256 §4), `(2)(3 6 (4 23)(44 7 96))`. `number` says what stands
    /// for a UID; a message without a number is left out, what is under it stays.
    func written(number: (UInt32) -> UInt32?) -> [UInt8] {
        var output: [UInt8] = []
        // What is still to be written: a node, or `none` for a closing parenthesis.
        var rest: [Int32] = []
        func open(_ first: Int32) {
            var children: [Int32] = []
            var child = first
            while child != Self.none {
                children.append(child)
                child = nextSiblings[Int(child)]
            }
            for child in children.reversed() { rest += [Self.none, child] }
        }
        func needsSpace() -> Bool { output.last.map { $0 >= 0x30 && $0 <= 0x39 } ?? false }
        open(firstChildren.last ?? Self.none)
        while let start = rest.popLast() {
            guard start != Self.none else {
                output.append(UInt8(ascii: ")"))
                continue
            }
            if needsSpace() { output.append(0x20) }
            output.append(UInt8(ascii: "("))
            var node = start
            while true {
                if !isDummy(Int(node)), let number = number(uids[Int(node)]) {
                    if needsSpace() { output.append(0x20) }
                    output += String(number).utf8
                }
                let child = firstChildren[Int(node)]
                guard child != Self.none, nextSiblings[Int(child)] == Self.none else {
                    open(child)
                    break
                }
                node = child
            }
        }
        return output
    }
}
