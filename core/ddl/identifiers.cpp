// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ddl/identifiers.h"

#include <QCryptographicHash>

namespace tidemark::ddl {

namespace {

constexpr qsizetype longest = 63; // NAMEDATALEN - 1

} // namespace

QString madeName(const QString &base, const QString &suffix)
{
    if (base.toUtf8().size() + suffix.toUtf8().size() <= longest)
        return base + suffix;
    const QByteArray digest = QCryptographicHash::hash(base.toUtf8(), QCryptographicHash::Sha256).toHex().left(6);
    const QString tail = QLatin1Char('_') + QString::fromLatin1(digest) + suffix;
    const qsizetype room = longest - tail.toUtf8().size();
    QString cut = base;
    while (cut.toUtf8().size() > room)
        cut.chop(cut.size() >= 2 && cut.back().isLowSurrogate() ? 2 : 1);
    return cut + tail;
}

QString nameBefore(const QString &name)
{
    return madeName(name, QStringLiteral("_tidemark_new"));
}

QString nameAfter(const QString &name)
{
    return madeName(name, QStringLiteral("_tidemark_old"));
}

QString nameOnPartition(const QString &partition, const QString &name)
{
    return madeName(partition + QLatin1Char('_') + name, {});
}

QString nameAfter(const BoundFunction &function)
{
    return madeName(function.name.name, QStringLiteral("_tidemark_old_%1").arg(function.oid));
}

} // namespace tidemark::ddl
