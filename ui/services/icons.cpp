// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/icons.h"

#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>
#include <QSvgRenderer>

// Q_INIT_RESOURCE must stand outside any namespace.
static void registerIcons()
{
    Q_INIT_RESOURCE(tidemark_icons);
}

namespace tidemark::ui {

namespace {

QByteArray svgOf(const QString &name)
{
    static const bool once = (registerIcons(), true);
    static_cast<void>(once);
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QPixmap render(const QByteArray &svg, const QSize &pixels, qreal devicePixelRatio)
{
    QPixmap pixmap(pixels);
    pixmap.fill(Qt::transparent);
    QSvgRenderer renderer(svg);
    QPainter painter(&pixmap);
    renderer.render(&painter);
    painter.end();
    pixmap.setDevicePixelRatio(devicePixelRatio);
    return pixmap;
}

class PaletteIconEngine final : public QIconEngine
{
public:
    explicit PaletteIconEngine(const QString &name)
        : m_name(name)
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const qreal ratio = painter->device()->devicePixelRatioF();
        const int size = std::min(rect.width(), rect.height());
        const QRect square(rect.x() + (rect.width() - size) / 2, rect.y() + (rect.height() - size) / 2, size, size);
        painter->drawPixmap(square, iconPixmap(m_name, colorOf(mode), size, ratio));
    }

    QPixmap scaledPixmap(const QSize &pixels, QIcon::Mode mode, QIcon::State, qreal ratio) override
    {
        return iconPixmap(m_name, colorOf(mode), qRound(std::min(pixels.width(), pixels.height()) / ratio), ratio);
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        return scaledPixmap(size, mode, state, 1.0);
    }

    QIconEngine *clone() const override { return new PaletteIconEngine(m_name); }

private:
    static QColor colorOf(QIcon::Mode mode)
    {
        const QPalette palette = QGuiApplication::palette();
        if (mode == QIcon::Disabled)
            return palette.color(QPalette::Disabled, QPalette::ButtonText);
        return palette.color(mode == QIcon::Selected ? QPalette::HighlightedText : QPalette::ButtonText);
    }

    QString m_name;
};

} // namespace

QPixmap iconPixmap(const QString &name, const QColor &color, int size, qreal devicePixelRatio)
{
    const QString key = QStringLiteral("tidemark/%1/%2/%3/%4").arg(name, color.name()).arg(size).arg(devicePixelRatio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    QByteArray svg = svgOf(name);
    svg.replace("#000", color.name().toLatin1());
    pixmap = render(svg, QSizeF(size * devicePixelRatio, size * devicePixelRatio).toSize(), devicePixelRatio);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

QIcon icon(const QString &name)
{
    return QIcon(new PaletteIconEngine(name));
}

QIcon applicationIcon()
{
    QIcon result;
    const QByteArray svg = svgOf(QStringLiteral("tidemark"));
    for (const int size : {16, 24, 32, 48, 64, 128, 256})
        result.addPixmap(render(svg, {size, size}, 1.0));
    return result;
}

} // namespace tidemark::ui
