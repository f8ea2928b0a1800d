// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonObject>

#include <vector>

namespace tidemark {

/// The rows of a query that asks query_to_xml for a forest of rows with one column of JSON: the way to read tables whose
/// schema or columns differ from version to version. Pure; what is not JSON is an empty object.
[[nodiscard]] std::vector<QJsonObject> jsonRows(const QByteArray &xml, const char *column);

} // namespace tidemark
