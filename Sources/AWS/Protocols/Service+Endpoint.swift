extension Region {
    /// The address of a service in this Region, as botocore's rules have it.
    ///
    /// - Throws: `AWSError.configuration` for a Region of no known partition.
    package func endpoint(of service: String, _ variant: EndpointVariant = .init()) throws -> Endpoint {
        guard let partition else { return try endpoint(for: service, variant) }
        // GovCloud's plain addresses of these are validated to FIPS 140 and have no second name, but over dual stack.
        let isPlainlyFIPS =
            partition == .govCloud && !variant.dualStack
            && ["dynamodb", "ec2", "logs", "rds", "sns", "sqs"].contains(service)
        let fips = variant.fips && !isPlainlyFIPS ? "-fips" : ""
        switch service {
        case "s3":
            let dualStack = variant.dualStack ? ".dualstack" : ""
            return try Endpoint("https://s3\(fips)\(dualStack).\(name).\(partition.suffix(.init()))")
        case "elasticfilesystem" where variant.dualStack && [.aws, .china, .govCloud].contains(partition):
            return try Endpoint("https://efs\(fips).\(name).\(partition.suffix(variant))")
        // Its one address in these partitions is of both kinds.
        case "secretsmanager" where [.aws, .china, .govCloud].contains(partition):
            return try Endpoint("https://secretsmanager\(fips).\(name).\(partition.suffix(.init()))")
        case _ where isPlainlyFIPS: return try endpoint(for: service)
        default: return try endpoint(for: service, variant)
        }
    }
}
