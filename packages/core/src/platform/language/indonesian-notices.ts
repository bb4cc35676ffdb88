/** Texts of notifications, and of the mail that lists them. */
export const NOTICES: Readonly<Record<string, string>> = {
  "{0} will do “{1}”.": "{0} akan mengerjakan “{1}”.",
  "{0} assigned “{1}” to you.": "{0} menugaskan “{1}” kepada Anda.",
  "“{0}” was given back and is open again.": "“{0}” dikembalikan dan terbuka lagi.",
  "You no longer have “{0}”.": "“{0}” tidak lagi menjadi tugas Anda.",
  "The claim of “{0}” has expired.": "Pengambilan “{0}” sudah kedaluwarsa.",
  "{0} completed “{1}”.": "{0} menyelesaikan “{1}”.",
  "“{0}” was cancelled.": "“{0}” dibatalkan.",
  "“{0}” waits for the votes of verifiers.": "“{0}” menunggu suara para verifikator.",
  "{0} voted on “{1}”.": "{0} memberi suara untuk “{1}”.",
  "“{0}” was verified.": "“{0}” sudah diverifikasi.",
  "“{0}” was rejected.": "“{0}” ditolak.",
  "{0} added evidence to “{1}”, which needs your consent.":
    "{0} menambahkan bukti pada “{1}”, yang memerlukan persetujuan Anda.",
  "Evidence for “{0}” was not accepted.": "Bukti untuk “{0}” tidak diterima.",
  "{0} vouched for you.": "{0} menjamin Anda.",
  "{0} names you as a witness of “{1}”.": "{0} menyebut Anda sebagai saksi “{1}”.",
  "{0} answered as a witness of “{1}”.": "{0} menjawab sebagai saksi “{1}”.",
  "{0} commented on “{1}”.": "{0} mengomentari “{1}”.",
  "{0} has accepted your invitation.": "{0} menerima undangan Anda.",
  "Your report was decided.": "Laporan Anda sudah diputuskan.",
  "An admin has hidden content of yours.": "Seorang admin menyembunyikan konten Anda.",
  "A member": "Seorang anggota",
  "What happened on Gotong Royong": "Yang terjadi di Gotong Royong",
  "There are {0} more in the app.": "Masih ada {0} lagi di aplikasi.",
  "What you have read in the app is left out. There you can also choose what is mailed to you.":
    "Yang sudah Anda baca di aplikasi tidak disertakan. Di sana Anda juga dapat memilih apa yang dikirim lewat surel.",
};
