// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/sqllibrary.h"

#include "resources/resources.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>

#include <algorithm>

namespace tidemark::pg {

namespace {

// A header line may go on over several comment lines until the next "-- word:".
QString header(const QString &text, const char *word)
{
    const QRegularExpression pattern(QStringLiteral("^-- %1: ?(.*(?:\\n--  +.*)*)").arg(QLatin1String(word)),
                                     QRegularExpression::MultilineOption);
    QString value = pattern.match(text).captured(1);
    return value.replace(QRegularExpression(QStringLiteral("\\s*\\n--\\s+")), QStringLiteral(" ")).trimmed();
}

} // namespace

const SqlLibrary &SqlLibrary::builtIn()
{
    static const SqlLibrary library = [] {
        initResources();
        return SqlLibrary(QStringLiteral(":/sql"));
    }();
    return library;
}

SqlLibrary::SqlLibrary(const QString &folder)
{
    static const QRegularExpression versioned(QStringLiteral("^(\\d+)_plus$"));
    const QDir root(folder);
    QDirIterator files(folder, {QStringLiteral("*.sql")}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.open(QIODevice::ReadOnly))
            qFatal("cannot read %s", qUtf8Printable(file.fileName()));
        const QFileInfo info(file.fileName());
        const QString text = QString::fromUtf8(file.readAll());

        Variant variant;
        SqlQuery &query = variant.query;
        query.id = root.relativeFilePath(info.path());
        query.variant = info.completeBaseName();
        query.what = header(text, "what");
        query.columns = header(text, "columns");
        query.params = header(text, "params").split(QLatin1Char(','), Qt::SkipEmptyParts);
        for (QString &param : query.params)
            param = param.trimmed();
        query.cost = header(text, "cost");
        query.requires_ = header(text, "requires");
        static const QRegularExpression comments(QStringLiteral("^\\s*--.*\\n?"), QRegularExpression::MultilineOption);
        QString body = text;
        query.sql = "/* tidemark:" + query.id.toUtf8() + " */ " + body.remove(comments).trimmed().toUtf8();
        variant.minimumMajor = versioned.match(query.variant).captured(1).toInt();
        m_variants[query.id].append(variant);
    }
    for (auto &variants : m_variants) {
        std::sort(variants.begin(), variants.end(),
                  [](const Variant &left, const Variant &right) { return left.minimumMajor > right.minimumMajor; });
    }
}

const SqlQuery &SqlLibrary::query(const QString &id, int serverVersion) const
{
    const auto variants = m_variants.constFind(id);
    if (variants == m_variants.cend())
        qFatal("no query file %s", qUtf8Printable(id));
    const int major = serverVersion / 10000;
    const auto fitting = std::find_if(variants->begin(), variants->end(),
                                      [&](const Variant &variant) { return variant.minimumMajor <= major; });
    if (fitting == variants->end())
        qFatal("query %s has no variant for PostgreSQL %d", qUtf8Printable(id), major);
    return fitting->query;
}

QStringList SqlLibrary::ids() const
{
    QStringList ids = m_variants.keys();
    ids.sort();
    return ids;
}

} // namespace tidemark::pg
