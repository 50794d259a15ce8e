/// Brings statements into as few policies as they fit into, in their order.
struct PolicySplit {
    /// In characters of a policy's canonical form.
    let limit: Int

    /// - Throws: `PolicyError` for a statement that does not fit alone.
    func split(_ statements: [PolicyStatement]) throws -> [PolicyDocument] {
        var whole: [[PolicyStatement]] = []
        var open: [PolicyStatement] = []
        for statement in statements {
            var rest: PolicyStatement? = statement
            while let next = rest {
                if try fits(open + [next]) {
                    open.append(next)
                    rest = nil
                } else if let (head, tail) = try cut(next, after: open) {
                    whole.append(open + [head])
                    open = []
                    rest = tail
                } else {
                    guard !open.isEmpty else { throw tooLong(next) }
                    whole.append(open)
                    open = []
                }
            }
        }
        return (whole + (open.isEmpty ? [] : [open])).map { PolicyDocument($0) }
    }

    private func fits(_ statements: [PolicyStatement]) throws -> Bool {
        try PolicyDocument(statements).text().utf8.count <= limit
    }

    /// As many of a statement's resources, or of the aliases that it names keys by, as still fit, and the others.
    private func cut(
        _ statement: PolicyStatement, after open: [PolicyStatement]
    ) throws -> (head: PolicyStatement, tail: PolicyStatement)? {
        let count = statement.resources.patterns.count
        guard count > 1 else { return try cutAliases(of: statement, after: open) }
        let head = try most(of: count) { try fits(open + [statement.taking(0..<$0)]) }
        return head == 0 ? nil : (statement.taking(0..<head), statement.taking(head..<count))
    }

    private func cutAliases(
        of statement: PolicyStatement, after open: [PolicyStatement]
    ) throws -> (head: PolicyStatement, tail: PolicyStatement)? {
        let count = statement.conditions.first { $0.key == "kms:ResourceAliases" }?.values.count ?? 1
        guard count > 1 else { return nil }
        let head = try most(of: count) { try fits(open + [statement.takingAliases(0..<$0)]) }
        return head == 0 ? nil : (statement.takingAliases(0..<head), statement.takingAliases(head..<count))
    }

    /// The most, and fewer than all, that fit.
    private func most(of count: Int, _ fits: (Int) throws -> Bool) throws -> Int {
        var (low, high) = (0, count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if try fits(middle) { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// What of a statement is too long for a policy of its own, and what to do.
    private func tooLong(_ statement: PolicyStatement) -> PolicyError {
        let lists =
            [("Resource", statement.resources.patterns)] + statement.conditions.map { ($0.key, $0.values) }
        func length(_ list: (name: String, texts: [String])) -> Int { list.texts.reduce(0) { $0 + $1.utf8.count } }
        let longest = lists.max { length($0) < length($1) } ?? ("Resource", [])
        let remedy =
            longest.0 == "aws:TagKeys"
            ? "give the new keys fewer tags, or shorter tag keys, by tags in the definition"
            : "name the keys by their aliases, with alias patterns"
        return PolicyError(
            statement.sid ?? "a statement",
            "\(longest.0) has \(longest.1.count) values of \(length(longest)) characters in all, and a policy has "
                + "\(limit): \(remedy)")
    }
}

extension PolicyStatement {
    fileprivate func taking(_ range: Range<Int>) -> PolicyStatement {
        PolicyStatement(
            sid, effect, principals: principals, actions: actions,
            resources: PolicyNames(Array(resources.patterns[range]), isNegated: resources.isNegated),
            conditions: conditions)
    }

    fileprivate func takingAliases(_ range: Range<Int>) -> PolicyStatement {
        PolicyStatement(
            sid, effect, principals: principals, actions: actions, resources: resources,
            conditions: conditions.map { condition in
                condition.key == "kms:ResourceAliases"
                    ? PolicyCondition(condition.comparison, condition.key, Array(condition.values[range])) : condition
            })
    }
}
