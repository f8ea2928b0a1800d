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

// Marks of forms: --{slice relid} at a line's end, or at its beginning before the line itself.
QStringList formsIn(const QString &text)
{
    static const QRegularExpression mark(QStringLiteral("--\\{([\\w ]+)\\}"));
    QStringList forms;
    for (auto marks = mark.globalMatch(text); marks.hasNext();)
        forms += marks.next().captured(1).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    forms.removeDuplicates();
    return forms;
}

bool isVariant(const QString &form)
{
    static const QRegularExpression version(QStringLiteral("^(default|\\d+_plus)$"));
    return version.match(form).hasMatch();
}

QString textOfForm(const QString &text, const QString &form)
{
    static const QRegularExpression commented(QStringLiteral("^--\\{([\\w ]+)\\} ?(.*)$"));
    static const QRegularExpression marked(QStringLiteral("^(.*?) *--\\{([\\w ]+)\\}$"));
    QStringList lines;
    const QStringList all = text.split(QLatin1Char('\n'));
    for (const QString &line : all) {
        if (const auto match = commented.match(line); match.hasMatch()) {
            if (match.captured(1).split(QLatin1Char(' ')).contains(form))
                lines << match.captured(2);
        } else if (const auto ending = marked.match(line); ending.hasMatch()) {
            if (ending.captured(2).split(QLatin1Char(' ')).contains(form))
                lines << ending.captured(1);
        } else {
            lines << line;
        }
    }
    return lines.join(QLatin1Char('\n'));
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
    const QDir root(folder);
    QDirIterator files(folder, {QStringLiteral("*.sql")}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.open(QIODevice::ReadOnly))
            qFatal("cannot read %s", qUtf8Printable(file.fileName()));
        const QFileInfo info(file.fileName());
        const QString id = root.relativeFilePath(info.path());
        const QString text = QString::fromUtf8(file.readAll());
        const QStringList forms = formsIn(text);
        if (forms.isEmpty())
            add(id, info.completeBaseName(), text);
        for (const QString &form : forms) {
            if (isVariant(form))
                add(id, form, textOfForm(text, form));
            else
                add(id + QLatin1Char(':') + form, info.completeBaseName(), textOfForm(text, form));
        }
    }
    for (auto &variants : m_variants) {
        std::sort(variants.begin(), variants.end(),
                  [](const Variant &left, const Variant &right) { return left.minimumMajor > right.minimumMajor; });
    }
}

void SqlLibrary::add(const QString &id, const QString &variantName, const QString &text)
{
    static const QRegularExpression versioned(QStringLiteral("^(\\d+)_plus$"));
    static const QRegularExpression comments(QStringLiteral("^\\s*--.*\\n?"), QRegularExpression::MultilineOption);
    Variant variant;
    SqlQuery &query = variant.query;
    query.id = id;
    query.variant = variantName;
    query.what = header(text, "what");
    query.columns = header(text, "columns");
    query.params = header(text, "params").split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (QString &param : query.params)
        param = param.trimmed();
    query.cost = header(text, "cost");
    query.requires_ = header(text, "requires");
    QString body = text;
    query.sql = "/* tidemark:" + id.toUtf8() + " */ " + body.remove(comments).trimmed().toUtf8();
    variant.minimumMajor = versioned.match(variantName).captured(1).toInt();
    m_variants[id].append(variant);
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
