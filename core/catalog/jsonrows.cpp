// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/jsonrows.h"

#include <QJsonDocument>
#include <QXmlStreamReader>

namespace tidemark {

std::vector<QJsonObject> jsonRows(const QByteArray &xml, const char *column)
{
    std::vector<QJsonObject> rows;
    // By way of a text: one byte that is no UTF-8 would end the reading of bytes.
    QXmlStreamReader reader(QString::fromUtf8("<rows>" + xml + "</rows>"));
    while (!reader.atEnd()) {
        if (reader.readNext() == QXmlStreamReader::StartElement && reader.name() == QLatin1String(column))
            rows.push_back(QJsonDocument::fromJson(reader.readElementText().toUtf8()).object());
    }
    return rows;
}

} // namespace tidemark
