/// A line of elements: in at the end, out at the front, both in constant time.
struct Fifo<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Element? { head < elements.count ? elements[head] : nil }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        head += 1
        if head == elements.count {
            (elements, head) = ([], 0)
        } else if head > 64, head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    mutating func popFirst(_ maximum: Int) -> [Element] {
        var result: [Element] = []
        while result.count < maximum, let element = popFirst() { result.append(element) }
        return result
    }
}
