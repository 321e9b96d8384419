import MailTypes
import Synchronization

/// The messages that THREAD puts in threads (RFC 5256 §3): rows come in from transactions, a tree goes out. The work is
/// that of sorting them by date and linear otherwise, however deep the threads are.
///
///     let table = ThreadTable()
///     table.append(row)  // for every message found, ascending by UID
///     table.threads(.references)
final class ThreadTable: Sendable {
    /// How threads are made.
    enum Algorithm: String { case orderedSubject = "ORDEREDSUBJECT", references = "REFERENCES" }

    private struct State {
        var uids: [UInt32] = []
        var dates: [Int64] = []
        var subjects: [Int32] = []
        var isReply: [Bool] = []
        var subjectNumbers: [[UInt8]: Int32] = [[]: 0]
        var links = ReferenceLinks()
    }

    private let state = Mutex(State())

    /// What to read of each message.
    static let texts: [SortKeys.Text] = [.baseSubject]

    /// Takes a message; they come in ascending order of UIDs.
    func append(_ row: KeyRow) {
        state.withLock { state in
            state.uids.append(row.uid)
            state.dates.append(row.sentAt.microseconds)
            state.isReply.append(row.isReply)
            let subject = row.texts.first ?? []
            let number = state.subjectNumbers[subject] ?? Int32(state.subjectNumbers.count)
            state.subjectNumbers[subject] = number
            state.subjects.append(number)
            state.links.append(id: row.messageID, references: row.references)
        }
    }

    func threads(_ algorithm: Algorithm) -> ThreadTree {
        state.withLock { state in
            var tree = ThreadTree(uids: state.uids, dates: state.dates)
            switch algorithm {
            case .orderedSubject: tree.gather(bySubject: state.subjects)
            case .references:
                state.links.attach(to: &tree)
                tree.gather(roots: state.subjects, isReply: state.isReply)
            }
            tree.sortSiblings()
            return tree
        }
    }
}

/// Who answered whom, as Message-IDs and References say (RFC 5256 §3, REFERENCES step 1). Places of messages that are not
/// there are kept as dummies.
struct ReferenceLinks {
    private static let none: Int32 = -1

    private var nodes: [Int64: Int32] = [:]
    private var parents: [Int32] = []
    private var childCounts: [Int32] = []
    /// The message of each node; `none` for a dummy.
    private var messages: [Int32] = []
    /// The node of each message.
    private var places: [Int32] = []
    /// Steps that may still be spent on looking for loops; beyond, a doubtful link is not made.
    private var steps = 100_000

    /// Takes the next message.
    mutating func append(id: Int64?, references: [Int64]) {
        steps += 200
        var parent = Self.none
        for reference in references {
            let node = node(of: reference)
            if parent != Self.none, parents[Int(node)] == Self.none { link(node, to: parent) }
            parent = node
        }
        let message = Int32(places.count)
        var place = Self.none
        // Of messages with one Message-ID only the first has it.
        if let id {
            let known = node(of: id)
            if messages[Int(known)] == Self.none { place = known }
        }
        if place == Self.none { place = newNode() }
        messages[Int(place)] = message
        places.append(place)
        unlink(place)
        if parent != Self.none { link(place, to: parent) }
    }

    private mutating func node(of id: Int64) -> Int32 {
        if let node = nodes[id] { return node }
        let node = newNode()
        nodes[id] = node
        return node
    }

    private mutating func newNode() -> Int32 {
        parents.append(Self.none)
        childCounts.append(0)
        messages.append(Self.none)
        return Int32(parents.count - 1)
    }

    private mutating func unlink(_ node: Int32) {
        let parent = parents[Int(node)]
        guard parent != Self.none else { return }
        childCounts[Int(parent)] -= 1
        parents[Int(node)] = Self.none
    }

    /// Unless that made a loop.
    private mutating func link(_ node: Int32, to parent: Int32) {
        guard node != parent, !isAbove(node, parent) else { return }
        parents[Int(node)] = parent
        childCounts[Int(parent)] += 1
    }

    private mutating func isAbove(_ node: Int32, _ other: Int32) -> Bool {
        guard childCounts[Int(node)] > 0 else { return false }
        var place = other
        while place != Self.none {
            guard place != node, steps > 0 else { return true }
            steps -= 1
            place = parents[Int(place)]
        }
        return false
    }

    /// Puts every message under the nearest message above it; without one, messages of one thread come under a dummy
    /// (step 3: a dummy is passed over, but at the top where it holds several together).
    mutating func attach(to tree: inout ThreadTree) {
        var above = [Int32](repeating: Self.none, count: parents.count)
        var path: [Int32] = []
        var tops: [Int32: Int] = [:]
        for (message, place) in places.enumerated() {
            var node = parents[Int(place)]
            guard node != Self.none else { continue }
            path.removeAll(keepingCapacity: true)
            // Down to a message, to a dummy that is known, or to one at the top.
            while messages[Int(node)] == Self.none, above[Int(node)] == Self.none, parents[Int(node)] != Self.none {
                path.append(node)
                node = parents[Int(node)]
            }
            let anchor = messages[Int(node)] == Self.none && above[Int(node)] != Self.none ? above[Int(node)] : node
            for step in path { above[Int(step)] = anchor }
            if messages[Int(anchor)] != Self.none {
                tree.attach(message, to: Int(messages[Int(anchor)]))
            } else if let dummy = tops[anchor] {
                tree.attach(message, to: dummy)
            } else {
                let dummy = tree.newDummy()
                tops[anchor] = dummy
                tree.attach(message, to: dummy)
            }
        }
        tree.dissolveSingleDummies()
    }
}
