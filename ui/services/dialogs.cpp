// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/dialogs.h"

#include "ui/services/theme.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFontDatabase>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace tidemark::ui {

namespace {

QLabel *environmentBand(const ConfirmRequest &request, QWidget *parent)
{
    const Theme &theme = Theme::of(parent->palette());
    auto *band = new QLabel(QStringLiteral("%1 — %2").arg(request.server, environmentText(request.environment)),
                            parent);
    QPalette palette = band->palette();
    palette.setColor(QPalette::Window, theme.of(request.environment));
    palette.setColor(QPalette::WindowText, theme.on(request.environment));
    band->setPalette(palette);
    band->setAutoFillBackground(true);
    band->setFont(boldFont(band->font()));
    band->setMargin(spacing(parent, 2));
    return band;
}

class DesktopDialogs final : public Dialogs
{
public:
    void confirm(QWidget *parent, const ConfirmRequest &request, std::function<void(bool)> answered) override
    {
        auto *dialog = new QDialog(parent);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setWindowTitle(request.title);
        auto *layout = new QVBoxLayout(dialog);
        layout->setSpacing(spacing(dialog, 3));
        layout->addWidget(environmentBand(request, dialog));
        auto *text = new QLabel(request.text, dialog);
        text->setWordWrap(true);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        text->setAccessibleName(request.text);
        layout->addWidget(text);
        if (!request.statement.isEmpty()) {
            auto *sql = new QPlainTextEdit(request.statement, dialog);
            sql->setReadOnly(true);
            sql->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
            sql->setAccessibleName(QObject::tr("SQL that will run"));
            sql->setMaximumHeight(spacing(dialog, 4 * 6));
            layout->addWidget(sql);
        }
        auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, dialog);
        QPushButton *act = buttons->addButton(request.verb, QDialogButtonBox::AcceptRole);
        act->setAutoDefault(false);
        buttons->button(QDialogButtonBox::Cancel)->setDefault(true);
        if (!request.typedName.isEmpty()) {
            auto *label = new QLabel(QObject::tr("Type %1 to go on:").arg(request.typedName), dialog);
            auto *typed = new QLineEdit(dialog);
            typed->setObjectName(QStringLiteral("typedName"));
            typed->setAccessibleName(label->text());
            label->setBuddy(typed);
            layout->addWidget(label);
            layout->addWidget(typed);
            act->setEnabled(false);
            QObject::connect(typed, &QLineEdit::textChanged, act,
                             [act, name = request.typedName](const QString &text) { act->setEnabled(text == name); });
        }
        layout->addWidget(buttons);
        QObject::connect(buttons, &QDialogButtonBox::accepted, dialog, &QDialog::accept);
        QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
        QObject::connect(dialog, &QDialog::finished, parent,
                         [answered](int result) { answered(result == QDialog::Accepted); });
        dialog->setMinimumWidth(dialog->fontMetrics().averageCharWidth() * 60);
        dialog->open();
    }

    void saveFile(QWidget *parent, const QString &title, const QString &proposedName, const QStringList &filters,
                  std::function<void(const QString &)> chosen) override
    {
        auto *dialog = new QFileDialog(parent, title);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setNameFilters(filters);
        dialog->selectFile(proposedName);
        QObject::connect(dialog, &QFileDialog::fileSelected, parent, chosen);
        dialog->open();
    }

    void askPassword(QWidget *parent, const QString &server,
                     std::function<void(std::optional<QString>)> answered) override
    {
        auto *dialog = new QDialog(parent);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setWindowTitle(QObject::tr("Password for %1").arg(server));
        auto *layout = new QVBoxLayout(dialog);
        auto *label = new QLabel(QObject::tr("&Password for %1:").arg(server), dialog);
        auto *password = new QLineEdit(dialog);
        password->setEchoMode(QLineEdit::Password);
        password->setAccessibleName(QObject::tr("Password"));
        label->setBuddy(password);
        auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, dialog);
        buttons->addButton(QObject::tr("Connect"), QDialogButtonBox::AcceptRole);
        layout->addWidget(label);
        layout->addWidget(password);
        layout->addWidget(buttons);
        QObject::connect(buttons, &QDialogButtonBox::accepted, dialog, &QDialog::accept);
        QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
        QObject::connect(dialog, &QDialog::finished, parent, [answered, password](int result) {
            answered(result == QDialog::Accepted ? std::optional(password->text()) : std::nullopt);
        });
        dialog->open();
    }

    void inform(QWidget *parent, const QString &title, const QString &text) override
    {
        auto *box = new QMessageBox(QMessageBox::NoIcon, title, text, QMessageBox::Close, parent);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->setTextFormat(Qt::PlainText);
        box->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        box->open();
    }
};

} // namespace

std::unique_ptr<Dialogs> desktopDialogs()
{
    return std::make_unique<DesktopDialogs>();
}

} // namespace tidemark::ui
